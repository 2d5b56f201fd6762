"""Where the labs stand in the seed texts, and what their typesetting broke, each with its reason.

No program is changed for graphmode's sake: every entry is something that TensorFlow 1 would have
refused, too. Line numbers are those of the texts.
"""

from tests.seeds.listings import COURSE, NOTES, Added, Dropped, Joined, Listing, Moved, Said

_INDENTATION = "its indentation is lost"
_TWICE = "the page is there twice"
_FORMULA = "a formula, set like code"
_MISREAD = "a letter is misread"
_LOST = "the line is lost"

LISTINGS = {
    # The course, printed from its notebooks and read back
    "course 1.1": Listing(COURSE, 206, 586),
    "course 1.2": Listing(COURSE, 587, 832),
    "course 1.3": Listing(
        COURSE,
        833,
        1115,
        (Said(1094, r"cost %g%\(", r'cost %g"%(', "a quote is lost"),),
    ),
    "course 1.4": Listing(COURSE, 1116, 1283, (Moved(1147, 1149, 4, _INDENTATION),)),
    "course 2.1": Listing(
        COURSE,
        1891,
        2640,
        (
            Dropped(2009, 2010, _FORMULA),
            Dropped(2058, 2059, _FORMULA),
            Said(2447, r"\\n\\n % image", r'\\n\\n" % image', "a quote is lost"),
        ),
    ),
    "course 2.2": Listing(
        COURSE,
        2641,
        3286,
        (
            Added(2649, "import tensorflow as tf", _LOST),
            Said(2817, r"\(y\)\), (.*\])\)", r"(y), \1))", "a parenthesis stands elsewhere"),
            Said(2962, "w_conv1", "W_conv1", _MISREAD),
            Said(2996, "w_conv1", "W_conv1", _MISREAD),
            Said(3279, ":,:,:i", ":,:,i", "a colon too many"),
        ),
    ),
    "course 3.1": Listing(COURSE, 3713, 3922),
    "course 3.2": Listing(COURSE, 3923, 4186),
    "course 3.3": Listing(
        COURSE,
        4187,
        5267,
        (
            Dropped(4495, 4495, "a name before the cell that makes it"),
            Dropped(4564, 4583, _TWICE),
            Dropped(4642, 4642, _TWICE),
            Dropped(4666, 4666, _FORMULA),
            Said(4791, "reduce_mean", "reduce_sum", "what it prints, 184.2, is the sum's"),
            Joined(4971, 5165, "a class on four pages"),
            Moved(5054, 5076, 8, _INDENTATION),
            Dropped(5077, 5078, "a comment without its #: TensorFlow refuses the ranks"),
            Moved(5079, 5081, 8, _INDENTATION),
            Dropped(5082, 5093, _TWICE),
            Moved(5094, 5114, 8, _INDENTATION),
            Dropped(5116, 5116, "a heading"),
            Moved(5122, 5164, 4, _INDENTATION),
            Joined(5171, 5212, "a function on two pages"),
            Dropped(5201, 5202, _TWICE),
            Moved(5204, 5208, 8, _INDENTATION),
            Moved(5210, 5211, 4, _INDENTATION),
            Said(5219, "_ =", "_, _ =", "of five values two are not wanted"),
            Said(5223, r"\(init", "(-init", "a minus is lost"),
            Said(5227, "# with", "with", "the line is no comment"),
            Moved(5228, 5228, 4, _INDENTATION),
        ),
    ),
    "course 3.4": Listing(
        COURSE,
        5268,
        5901,
        (
            Joined(5777, 5872, "a class on two pages"),
            Said(5807, r"inputs = (.*\)), seq_length, 1\)", r"em = \1", "two lines run together"),
            Said(
                5808, r"inputs = .*", "inputs = tf.split(em, seq_length, 1)", "lines changed places"
            ),
            Said(
                5809,
                r"inputs = .*",
                "inputs = [tf.squeeze(input_, [1]) for input_ in inputs]",
                "so",
            ),
            Moved(5847, 5870, 8, _INDENTATION),
            Added(5880, 'with tf.variable_scope("rnn"):\n    model = LSTMModel()', _LOST),
        ),
    ),
    "course 4.1": Listing(
        COURSE,
        6075,
        6568,
        (
            Added(6429, "err = tf.reduce_mean(tf.square(v0_state - v1_state))", _LOST),
            Said(6476, r"%d % epoch, r", "%d' % epoch, 'r", "quotes are lost"),
            Said(6542, r"\.ravel\(\)\)", ").ravel()", "a parenthesis stands elsewhere"),
            Said(6551, "prv_tb", "prv_hb", _MISREAD),
        ),
    ),
    "course 4.2": Listing(
        COURSE,
        6569,
        6920,
        (
            Said(6768, r"relu\((.*)\)$", r"relu(tf.sign(\1))", "the sign is lost"),
            Said(6771, r"relu\((.*)\)$", r"relu(tf.sign(\1))", "the sign is lost"),
            Said(6802, "cur_W", "cur_w", _MISREAD),
            Said(6808, "prv_W", "prv_w", _MISREAD),
            Said(6829, "update_nb", "update_hb", _MISREAD),
        ),
    ),
    "course 5.1": Listing(
        COURSE,
        7160,
        7423,
        (
            Said(7367, r"\{x:", "{X:", _MISREAD),
            Said(7406, r"\{x:", "{X:", _MISREAD),
        ),
    ),
    "course 5.2": Listing(
        COURSE,
        7424,
        7758,
        (
            Joined(7487, 7585, "a class on two pages"),
            Moved(7504, 7515, -4, _INDENTATION),
            Said(7514, r"prob\)", "probs)", _MISREAD),
            Said(7515, r"\){5}$", "))))", "a parenthesis too many"),
            Moved(7555, 7569, 8, _INDENTATION),
            Moved(7570, 7571, 4, _INDENTATION),
            Moved(7572, 7574, 8, _INDENTATION),
            Said(7565, "gb", "hb", _MISREAD),
            Said(7566, "gb", "vb", _MISREAD),
            Said(7568, "gb", "hb", _MISREAD),
            Said(7570, "gb", "hb", _MISREAD),
            Said(7573, "gb", "hb", _MISREAD),
            Moved(7576, 7583, 4, _INDENTATION),
            Moved(7584, 7584, 8, _INDENTATION),
            Said(7577, "if", "def", _MISREAD),
            Added(7600, "trX, trY = mnist.train.images, mnist.train.labels", _LOST),
            Joined(7654, 7751, "a class on two pages"),
            Said(7660, "MN", "NN", _MISREAD),
            Moved(7688, 7730, -4, _INDENTATION),
            Said(7699, r"\.W", ".w", _MISREAD),
            Moved(7737, 7751, 12, _INDENTATION),
            Said(7744, r"_a\[(.*)_y\[", r"_s[\1_Y[", _MISREAD),
            Said(
                7751,
                r"_y(.*)_a\[(.*)_y(.*)\)$",
                r"_Y\1_s[\2_Y\3",
                "letters, and a parenthesis too many",
            ),
            Said(7756, "load_from_rbm", "load_from_rbms", _LOST),
        ),
    ),
    # The notes, typed by their author, in Python 2
    "notes 1.1": Listing(
        NOTES,
        60,
        167,
        (Said(79, r"tf\.run\(session\)", "session.run(c)", "no TensorFlow has a tf.run"),),
    ),
    "notes 1.2": Listing(
        NOTES,
        168,
        232,
        (
            Added(
                203,
                "sess = tf.Session()\nsess.run(tf.global_variables_initializer())",
                "the lines that open the session are left out",
            ),
        ),
    ),
    "notes 1.3": Listing(NOTES, 233, 392),
    "notes 1.4": Listing(NOTES, 393, 478),
    "notes 2.1": Listing(NOTES, 494, 643),
    "notes 2.2": Listing(
        NOTES,
        644,
        849,
        (
            Added(691, "y = tf.nn.softmax(tf.matmul(x,W) + b)", "left out"),
            Added(764, "layer1 = h_pool1", "left out"),
        ),
    ),
}
