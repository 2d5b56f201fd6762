"""What `graphmode.models` is made of."""

TABLE = {
    "graphmode.models.autoencoders": {
        "models": "Autoencoder DenoisingAutoencoder VariationalAutoencoder",
    },
    "graphmode.models.base": {
        "models": "Model",
    },
    "graphmode.models.convolutional": {
        "models": "ConvClassifier",
    },
    "graphmode.models.linear": {
        "models": "LinearRegression LogisticRegression",
    },
    "graphmode.models.perceptron": {
        "models": "MLPClassifier",
    },
    "graphmode.models.rbm.belief": {
        "models": "DBN DBNClassifier",
    },
    "graphmode.models.rbm.estimators": {
        "models": "BernoulliRBM GaussianRBM",
    },
    "graphmode.models.recurrent": {
        "models": "LSTMClassifier",
    },
    "graphmode.models.text.characters": {
        "models": "CharLanguageModel",
    },
    "graphmode.models.text.word2vec": {
        "models": "Word2Vec",
    },
    "graphmode.models.text.words": {
        "models": "WordLanguageModel",
    },
    "graphmode.models.recommend.baselines": {
        "models.recommend": "BiasBaseline Popularity",
    },
    "graphmode.models.recommend.recommender": {
        "models": "RBMRecommender",
    },
    "graphmode.models.recommend.metrics": {
        "models.recommend": "mae ranking_metrics rmse",
    },
    "graphmode.models.recommend.splits": {
        "models.recommend": "leave_k_out split_by_time split_per_user split_random",
    },
    "graphmode.models.trees.tensor_network": {
        "models": "RNTN",
    },
    "graphmode.models.saving": {
        "models": "load",
    },
}
