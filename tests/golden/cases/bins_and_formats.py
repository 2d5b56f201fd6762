"""Bins of equal width, numbers that are nearly equal, axes of one data format in another."""

import re

import numpy as np

from golden.case import case, class_of, described


def answers(tf, calls):
    """What each call gives, or the class and the text of what it raises, by name."""
    found = {}
    for name, call in calls.items():
        with tf.Graph().as_default(), tf.Session() as session:
            try:
                tensor = call()
                found[name + ".value"] = np.asarray(session.run(tensor))
                found[name] = described(tensor)
            except Exception as error:
                found[name] = [class_of(tf, error), said(error)]
    return found


def said(error):
    """The first line of the text, without the node that it is about."""
    text = str(error).splitlines()[0]
    return re.sub(r"^\w+ '[^']*': ", "", text.split(" for '")[0])


def unknown(tf, value):
    return tf.placeholder_with_default(tf.constant(value), None)


@case
def bins(tf):
    of = tf.histogram_fixed_width_bins
    values = [-1.0, 0.0, 1.5, 2.0, 5.0, 15.0]
    calls = {
        "all": lambda: of(values, [0.0, 5.0], nbins=5),
        "rows": lambda: of([values, values[::-1]], [0.0, 5.0], nbins=7, name="mine"),
        "one": lambda: of(2.0, [0.0, 5.0]),
        "none": lambda: of(tf.zeros([3, 0]), [0.0, 5.0]),
        "unknown": lambda: of(unknown(tf, values), [1.0, 1.75], unknown(tf, 3)),
        "double": lambda: of(np.arange(10) * 0.37 + 0.001, np.array([0.0, 1.7]), nbins=7),
        "dtype": lambda: of(values, [0.0, 5.0], 5, tf.int64),
        "backwards": lambda: of(values, [5.0, 0.0], 5),
        "no bins": lambda: of(values, [0.0, 5.0], 0),
        "whole": lambda: of([1, 2], [0, 5], 5),
        "mixed": lambda: of([1.0, 2.0], [0, 5], 5),
    }
    return answers(tf, calls)


@case
def nodes_of_bins(tf):
    tf.histogram_fixed_width_bins([-1.0, 0.0], [0.0, 5.0], nbins=5)
    return {"ops": [f"{op.type} {op.name}" for op in tf.get_default_graph().get_operations()]}


@case
def nearly_equal(tf):
    def equal(x, y, **options):
        return tf.raw_ops.ApproximateEqual(x=x, y=y, **options)

    calls = {
        "default": lambda: equal(x=[1.0, 2.0, np.nan], y=[1.00001, 2.000001, np.nan]),
        "whole": lambda: equal(x=[1, 2, 5], y=[2, 1, 8], tolerance=2.7),
        "whole default": lambda: equal(x=[1, 2], y=[1, 3]),
        "complex": lambda: equal(
            x=np.complex64([1, 2]), y=np.complex64([1.1j, 2.1]), tolerance=0.5
        ),
        "lengths": lambda: equal(x=[1.0, 2.0], y=[1.0]),
        "ranks": lambda: equal(x=[1.0, 2.0], y=1.0),
        "lengths in the run": lambda: equal(x=unknown(tf, [1.0, 2.0]), y=unknown(tf, [1.0])),
    }
    return answers(tf, calls)


@case
def axes_of_formats(tf):
    def axes(x, *formats):
        return tf.raw_ops.DataFormatDimMap(x=x, **named(formats))

    def permuted(x, *formats):
        return tf.raw_ops.DataFormatVecPermute(x=x, **named(formats))

    def named(formats):
        return dict(zip(("src_format", "dst_format"), formats))

    calls = {
        "all": lambda: axes([[0, 1, 2, 3], [-1, -2, -3, -4]]),
        "back": lambda: axes(tf.constant([0, 1, 2, 3], tf.int64), "NCHW", "NHWC"),
        "other": lambda: axes([0, 1], "HWNC", "WHNC"),
        "five": lambda: axes([0, 1, 3], "NDHWC", "NCDHW"),
        "outside": lambda: axes([4, -5]),
        "few": lambda: axes([0], "NH", "HN"),
        "few after": lambda: axes([0], "NHWC", "HN"),
        "more": lambda: axes([0], "NHWC", "NHWCX"),
        "other letters": lambda: axes([0], "NHWC", "NHWZ"),
        "twice": lambda: axes([0], "NHWC", "NNHC"),
        "permuted": lambda: permuted([7, 4, 9, 3]),
        "permuted back": lambda: permuted(tf.constant([7, 4, 9, 3], tf.int64), "NCHW", "NHWC"),
        "pairs": lambda: permuted([[7, 4], [9, 3], [4, 5], [5, 1]]),
        "a number": lambda: permuted(3),
        "of two": lambda: permuted([7, 4]),
        "of two pairs": lambda: permuted([[7, 4], [9, 3]]),
        "threes": lambda: permuted([[7, 4, 1], [9, 3, 1], [4, 5, 1], [5, 1, 1]]),
        "in the run": lambda: permuted(unknown(tf, [7, 4])),
        "permuted few": lambda: permuted([7, 4], "HW", "WH"),
        "permuted other letters": lambda: permuted([7, 4, 9, 3], "NHWC", "ABCD"),
    }
    return answers(tf, calls)
