"""The names of TensorFlow's SavedModel format: of files, collections, tags and signatures."""

ASSETS_DIRECTORY = "assets"
VARIABLES_DIRECTORY = "variables"
VARIABLES_FILENAME = "variables"
SAVED_MODEL_FILENAME_PB = "saved_model.pb"
SAVED_MODEL_FILENAME_PBTXT = "saved_model.pbtxt"
SAVED_MODEL_SCHEMA_VERSION = 1

ASSETS_KEY = "saved_model_assets"
"""The collection of the files that go with a graph, as TensorFlow 1 writes it."""
MAIN_OP_KEY = "saved_model_main_op"
"""The collection of the op that is run once a model is loaded."""
LEGACY_INIT_OP_KEY = "legacy_init_op"
"""What `MAIN_OP_KEY` was called before."""
TRAIN_OP_KEY = "saved_model_train_op"
INIT_OP_SIGNATURE_KEY = "__saved_model_init_op"
"""The signature that names the main op, as TensorFlow 2 writes it."""

SERVING = "serve"
TRAINING = "train"
EVAL = "eval"
GPU = "gpu"
TPU = "tpu"

DEFAULT_SERVING_SIGNATURE_DEF_KEY = "serving_default"

PREDICT_INPUTS = "inputs"
PREDICT_OUTPUTS = "outputs"
PREDICT_METHOD_NAME = "tensorflow/serving/predict"

CLASSIFY_INPUTS = "inputs"
CLASSIFY_OUTPUT_CLASSES = "classes"
CLASSIFY_OUTPUT_SCORES = "scores"
CLASSIFY_METHOD_NAME = "tensorflow/serving/classify"

REGRESS_INPUTS = "inputs"
REGRESS_OUTPUTS = "outputs"
REGRESS_METHOD_NAME = "tensorflow/serving/regress"
