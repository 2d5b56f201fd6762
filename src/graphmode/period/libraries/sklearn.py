"""What scikit-learn no longer knows."""

from __future__ import annotations

import functools
import inspect
from typing import Any

from graphmode.period.rows import Row

TITLE = "scikit-learn"
SOURCE = (
    "scikit-learn's What's New 0.18 (model_selection), 0.20 (cross_validation, grid_search, "
    "Imputer, fetch_mldata), 0.23 (externals), 0.24 (private modules), 1.2 (load_boston), 1.4 "
    "to 1.8 (parameters)"
)

_SPLITS = "graphmode.period.answers.sklearn_splits"
_DATA = "graphmode.period.answers.sklearn_data"
_MODELS = "graphmode.period.answers.sklearn_models"

# Modules that were renamed: old -> what holds their public names.
_MODULES = {
    "sklearn.datasets.samples_generator": "sklearn.datasets",
    "sklearn.datasets.base": "sklearn.datasets",
    "sklearn.datasets.mldata": "sklearn.datasets",
    "sklearn.datasets.lfw": "sklearn.datasets",
    "sklearn.datasets.twenty_newsgroups": "sklearn.datasets",
    "sklearn.preprocessing.data": "sklearn.preprocessing",
    "sklearn.preprocessing.label": "sklearn.preprocessing",
    "sklearn.preprocessing.imputation": "sklearn.preprocessing",
    "sklearn.metrics.scorer": "sklearn.metrics",
    "sklearn.metrics.ranking": "sklearn.metrics",
    "sklearn.metrics.classification": "sklearn.metrics",
    "sklearn.metrics.regression": "sklearn.metrics",
    "sklearn.ensemble.forest": "sklearn.ensemble",
    "sklearn.ensemble.gradient_boosting": "sklearn.ensemble",
    "sklearn.ensemble.weight_boosting": "sklearn.ensemble",
    "sklearn.tree.tree": "sklearn.tree",
    "sklearn.svm.classes": "sklearn.svm",
    "sklearn.linear_model.base": "sklearn.linear_model",
    "sklearn.linear_model.logistic": "sklearn.linear_model",
    "sklearn.linear_model.stochastic_gradient": "sklearn.linear_model",
    "sklearn.linear_model.coordinate_descent": "sklearn.linear_model",
    "sklearn.neighbors.kde": "sklearn.neighbors",
    "sklearn.neighbors.classification": "sklearn.neighbors",
    "sklearn.cluster.k_means_": "sklearn.cluster",
    "sklearn.decomposition.pca": "sklearn.decomposition",
    "sklearn.manifold.t_sne": "sklearn.manifold",
    "sklearn.neural_network.rbm": "sklearn.neural_network",
    "sklearn.neural_network.multilayer_perceptron": "sklearn.neural_network",
    "sklearn.mixture.gmm": "sklearn.mixture",
    "sklearn.utils.testing": "sklearn.utils._testing",
    "sklearn.externals.joblib": "joblib",
    "sklearn.externals.six": "six",
    "sklearn.externals.six.moves": "six.moves",
    "sklearn.feature_extraction.stop_words": "sklearn.feature_extraction.text",
}


def _row(module: str, name: str, now: str, gone: str, value: str) -> Row:
    return Row(module, name, f"`{now}`", gone, value)


_CROSS = {
    "KFold": "KFold(n_splits).split(X)",
    "StratifiedKFold": "StratifiedKFold(n_splits).split(X, y)",
    "LeaveOneOut": "LeaveOneOut().split(X)",
    "LeavePOut": "LeavePOut(p).split(X)",
    "LeaveOneLabelOut": "LeaveOneGroupOut().split(X, y, groups)",
    "LeavePLabelOut": "LeavePGroupsOut(p).split(X, y, groups)",
    "LabelKFold": "GroupKFold(n_splits).split(X, y, groups)",
    "LabelShuffleSplit": "GroupShuffleSplit(n_splits).split(X, y, groups)",
    "ShuffleSplit": "ShuffleSplit(n_splits).split(X)",
    "StratifiedShuffleSplit": "StratifiedShuffleSplit(n_splits).split(X, y)",
    "PredefinedSplit": "PredefinedSplit(test_fold).split()",
    "cross_val_score": "cross_val_score(..., cv=3)",
    "cross_val_predict": "cross_val_predict(..., cv=3)",
}

ROWS = [
    Row(
        "sklearn.cross_validation",
        "",
        "`sklearn.model_selection`",
        "scikit-learn 0.20",
        "sklearn.model_selection",
    ),
    *(
        _row("sklearn.cross_validation", name, now, "scikit-learn 0.20", f"{_SPLITS}:{name}")
        for name, now in _CROSS.items()
    ),
    Row(
        "sklearn.grid_search",
        "",
        "`sklearn.model_selection`",
        "scikit-learn 0.20",
        "sklearn.model_selection",
    ),
    _row(
        "sklearn.grid_search",
        "GridSearchCV",
        "model_selection.GridSearchCV(cv=3), cv_results_",
        "scikit-learn 0.20",
        f"{_SPLITS}:GridSearchCV",
    ),
    _row(
        "sklearn.grid_search",
        "RandomizedSearchCV",
        "model_selection.RandomizedSearchCV(cv=3), cv_results_",
        "scikit-learn 0.20",
        f"{_SPLITS}:RandomizedSearchCV",
    ),
    Row(
        "sklearn.learning_curve",
        "",
        "`sklearn.model_selection`",
        "scikit-learn 0.20",
        "sklearn.model_selection",
    ),
    _row(
        "sklearn.datasets",
        "fetch_mldata",
        "fetch_openml",
        "scikit-learn 0.22",
        f"{_DATA}:fetch_mldata",
    ),
    _row(
        "sklearn.datasets",
        "load_boston",
        "fetch_california_housing",
        "scikit-learn 1.2",
        f"{_DATA}:load_boston",
    ),
    _row(
        "sklearn.preprocessing",
        "Imputer",
        "sklearn.impute.SimpleImputer",
        "scikit-learn 0.22",
        f"{_MODELS}:Imputer",
    ),
    _row(
        "sklearn.decomposition",
        "RandomizedPCA",
        'PCA(svd_solver="randomized")',
        "scikit-learn 0.20",
        f"{_MODELS}:RandomizedPCA",
    ),
    _row(
        "sklearn.mixture",
        "GMM",
        'GaussianMixture(covariance_type="diag")',
        "scikit-learn 0.20",
        f"{_MODELS}:GMM",
    ),
    Row(
        "sklearn.mixture",
        "DPGMM",
        "`BayesianGaussianMixture`",
        "scikit-learn 0.20",
        refused="another model took its place: sklearn.mixture.BayesianGaussianMixture",
    ),
    Row(
        "sklearn.mixture",
        "VBGMM",
        "`BayesianGaussianMixture`",
        "scikit-learn 0.20",
        refused="another model took its place: sklearn.mixture.BayesianGaussianMixture",
    ),
    Row(
        "sklearn.lda",
        "",
        "`sklearn.discriminant_analysis`",
        "scikit-learn 0.19",
        "sklearn.discriminant_analysis",
    ),
    _row(
        "sklearn.lda",
        "LDA",
        "LinearDiscriminantAnalysis",
        "scikit-learn 0.19",
        "sklearn.discriminant_analysis:LinearDiscriminantAnalysis",
    ),
    Row(
        "sklearn.qda",
        "",
        "`sklearn.discriminant_analysis`",
        "scikit-learn 0.19",
        "sklearn.discriminant_analysis",
    ),
    _row(
        "sklearn.qda",
        "QDA",
        "QuadraticDiscriminantAnalysis",
        "scikit-learn 0.19",
        "sklearn.discriminant_analysis:QuadraticDiscriminantAnalysis",
    ),
    Row(
        "sklearn.hmm",
        "",
        "hmmlearn",
        "scikit-learn 0.17",
        refused="it became a package of its own: pip install hmmlearn",
    ),
    _row(
        "sklearn.metrics",
        "calinski_harabaz_score",
        "calinski_harabasz_score",
        "scikit-learn 0.23",
        "sklearn.metrics:calinski_harabasz_score",
    ),
    _row(
        "sklearn.metrics",
        "jaccard_similarity_score",
        "accuracy_score, or jaccard_score",
        "scikit-learn 0.23",
        f"{_MODELS}:jaccard_similarity_score",
    ),
    _row(
        "sklearn.metrics",
        "plot_confusion_matrix",
        "ConfusionMatrixDisplay.from_estimator",
        "scikit-learn 1.2",
        "sklearn.metrics:ConfusionMatrixDisplay.from_estimator",
    ),
    _row(
        "sklearn.metrics",
        "plot_roc_curve",
        "RocCurveDisplay.from_estimator",
        "scikit-learn 1.2",
        "sklearn.metrics:RocCurveDisplay.from_estimator",
    ),
    Row(
        "sklearn.utils.linear_assignment_",
        "",
        "`scipy.optimize.linear_sum_assignment`",
        "scikit-learn 0.23",
        "sklearn.utils",
    ),
    _row(
        "sklearn.utils.linear_assignment_",
        "linear_assignment",
        "scipy.optimize.linear_sum_assignment",
        "scikit-learn 0.23",
        f"{_MODELS}:linear_assignment",
    ),
    *(Row(old, "", f"`{new}`", "scikit-learn 0.24", new) for old, new in _MODULES.items()),
    Row(
        "sklearn.preprocessing",
        "OneHotEncoder",
        "`sparse_output=`",
        "scikit-learn 1.4",
        example="OneHotEncoder(sparse=False), n_values=",
    ),
    Row("sklearn.manifold", "TSNE", "`max_iter=`", "scikit-learn 1.7", example="TSNE(n_iter=5000)"),
    Row(
        "sklearn.cluster",
        "KMeans",
        "leave them out",
        "scikit-learn 1.0",
        example="KMeans(n_jobs=, precompute_distances=)",
    ),
    Row(
        "sklearn.linear_model",
        "LogisticRegression",
        "leave it out",
        "scikit-learn 1.8",
        example='LogisticRegression(multi_class="multinomial" or "auto")',
    ),
    Row(
        "sklearn.metrics",
        "mean_squared_error",
        "`root_mean_squared_error`",
        "scikit-learn 1.6",
        example="mean_squared_error(a, b, squared=False)",
    ),
    Row(
        "sklearn.feature_extraction.text",
        "get_feature_names",
        "`get_feature_names_out`",
        "scikit-learn 1.2",
        example="CountVectorizer().get_feature_names()",
    ),
]

NOT_ANSWERED = [
    "`LinearRegression(normalize=True)` (gone since scikit-learn 1.2): put a "
    "`StandardScaler` before it.",
]


def _takes(cls: Any, renamed: dict[str, str], ignored: tuple[str, ...] = ()) -> None:
    """Let a class be made with the parameters that it had."""
    own = cls.__init__
    known = inspect.signature(own).parameters
    renamed = {old: new for old, new in renamed.items() if old not in known and new in known}
    ignored = tuple(name for name in ignored if name not in known)

    @functools.wraps(own)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        for old, new in renamed.items():
            if old in kwargs:
                kwargs[new] = kwargs.pop(old)
        own(self, *args, **{key: value for key, value in kwargs.items() if key not in ignored})

    cls.__init__ = __init__


def _change_preprocessing(preprocessing: Any) -> None:
    ignored = ("n_values", "categorical_features")
    _takes(preprocessing.OneHotEncoder, {"sparse": "sparse_output"}, ignored)
    _takes(preprocessing.MultiLabelBinarizer, {})


def _change_manifold(manifold: Any) -> None:
    _takes(manifold.TSNE, {"n_iter": "max_iter"})


def _change_cluster(cluster: Any) -> None:
    _takes(cluster.KMeans, {}, ("n_jobs", "precompute_distances"))


def _change_linear_model(linear_model: Any) -> None:
    logistic = linear_model.LogisticRegression
    own = logistic.__init__
    if "multi_class" in inspect.signature(own).parameters:
        return

    @functools.wraps(own)
    def __init__(self: Any, *args: Any, multi_class: str = "auto", **kwargs: Any) -> None:  # noqa: N807
        if multi_class == "ovr":
            raise TypeError(
                'LogisticRegression(multi_class="ovr") is gone since scikit-learn 1.8: use '
                "OneVsRestClassifier(LogisticRegression(...))"
            )
        own(self, *args, **kwargs)

    # A parameter more would be asked for as an attribute: the signature stays scikit-learn's.
    vars(__init__)["__signature__"] = inspect.signature(own)
    logistic.__init__ = __init__


def _change_metrics(metrics: Any) -> None:
    error = metrics.mean_squared_error
    if "squared" in inspect.signature(error).parameters:
        return

    @functools.wraps(error)
    def mean_squared_error(*args: Any, squared: bool = True, **kwargs: Any) -> Any:
        return (error if squared else metrics.root_mean_squared_error)(*args, **kwargs)

    metrics.mean_squared_error = mean_squared_error


def _change_text(text: Any) -> None:
    def get_feature_names(self: Any) -> list[str]:
        """The words, as a list."""
        return self.get_feature_names_out().tolist()

    for cls in (text.CountVectorizer, text.TfidfVectorizer, text.HashingVectorizer):
        if hasattr(cls, "get_feature_names_out") and not hasattr(cls, "get_feature_names"):
            cls.get_feature_names = get_feature_names


CHANGES = {
    "sklearn.preprocessing": _change_preprocessing,
    "sklearn.manifold": _change_manifold,
    "sklearn.cluster": _change_cluster,
    "sklearn.linear_model": _change_linear_model,
    "sklearn.metrics": _change_metrics,
    "sklearn.feature_extraction.text": _change_text,
}
