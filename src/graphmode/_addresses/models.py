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
    "graphmode.models.text.words": {
        "models": "WordLanguageModel",
    },
    "graphmode.models.saving": {
        "models": "load",
    },
}
