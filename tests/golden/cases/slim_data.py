"""`tf.contrib.slim`'s data sets: decoders of Examples, providers, readers of several files."""

import numpy as np

from golden.case import case, described
from golden.cases.queues import ops_of, outcome, plain, texts
from golden.cases.readers import files


def feature(tf, value):
    """A feature of bytes, floats or whole numbers."""
    if isinstance(value[0], bytes):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=value))
    if isinstance(value[0], float):
        return tf.train.Feature(float_list=tf.train.FloatList(value=value))
    return tf.train.Feature(int64_list=tf.train.Int64List(value=value))


def example(tf, **features):
    """A serialized Example; ``__`` in a name stands for a slash."""
    named = {key.replace("__", "/"): feature(tf, value) for key, value in features.items() if value}
    return tf.train.Example(features=tf.train.Features(feature=named)).SerializeToString()


def picture(tf, seed, height=3, width=4):
    """The PNG file of a small picture of random colours, and its pixels."""
    pixels = np.random.RandomState(seed).randint(0, 256, [height, width, 3]).astype(np.uint8)
    with tf.Graph().as_default(), tf.Session() as session:
        return session.run(tf.image.encode_png(pixels)), pixels


@case
def handlers(tf):
    slim = tf.contrib.slim.tfexample_decoder
    table = tf.contrib.lookup.index_table_from_tensor(["cat", "dog"], default_value=-1)
    features = {
        "image/encoded": tf.FixedLenFeature((), tf.string, default_value=""),
        "image/format": tf.FixedLenFeature((), tf.string, default_value="raw"),
        "label": tf.FixedLenFeature([], tf.int64, default_value=7),
        "values": tf.VarLenFeature(tf.float32),
        "shape": tf.FixedLenFeature([2], tf.int64),
        "columns": tf.FixedLenFeature([], tf.int64, default_value=1),
        "words": tf.VarLenFeature(tf.string),
        "ids": tf.VarLenFeature(tf.int64),
        "more": tf.VarLenFeature(tf.float32),
    }
    box = "image/object/bbox/"
    sides = [box + side for side in ("ymin", "xmin", "ymax", "xmax")]
    features.update({side: tf.VarLenFeature(tf.float32) for side in sides})
    items = {
        "raw": slim.Image(shape=[2, 1, 3], channels=3),
        "label": slim.Tensor("label"),
        "flat": slim.Tensor("values"),
        "shaped": slim.Tensor("values", shape=[3, 2]),
        "by keys": slim.Tensor("values", shape_keys="shape"),
        "by two": slim.Tensor("values", shape_keys=["label", "columns"]),
        "words": slim.Tensor("words", default_value=""),
        "looked up": slim.LookupTensor("words", table),
        "boxes": slim.BoundingBox(prefix=box),
        "sparse": slim.SparseTensor("ids", "values", shape=[12]),
        "dense": slim.SparseTensor("ids", "values", shape=[12], densify=True, default_value=-1),
        "backup": slim.BackupHandler(slim.Tensor("more"), slim.Tensor("values")),
        "called": slim.ItemHandlerCallback(["label", "shape"], lambda t: t["label"] + t["shape"]),
    }
    decoder = slim.TFExampleDecoder(features, items)
    numbers = {key.replace("/", "__"): [0.1, 0.5] for key in features if key.startswith(box)}
    content = example(
        tf, image__encoded=[b"abcdef"], values=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], shape=[2, 3],
        words=[b"dog", b"bird"], ids=[0, 1, 3, 5, 8, 11], label=[6], **numbers
    )  # fmt: skip
    record = tf.placeholder(tf.string, [])
    found = decoder.decode(record, decoder.list_items())
    result = {"items": sorted(decoder.list_items())}
    with tf.Session() as session:
        session.run(tf.tables_initializer())
        for name, tensor in zip(decoder.list_items(), found):
            value = session.run(tensor, {record: content})
            result[name] = plain(list(value) if name == "sparse" else value)
            if name != "sparse":
                result[name + " shape"] = str(tensor.shape)
        one = decoder.decode(tf.constant(content), ["label"])
        result["one"] = [plain(session.run(t)) for t in one]
    result["refused"] = [
        outcome(call)
        for call in (
            lambda: slim.BoundingBox(["a"]),
            lambda: slim.Tensor("a", shape_keys="b", shape=[1]),
        )
    ]
    return texts(result)


@case
def pictures(tf):
    slim = tf.contrib.slim.tfexample_decoder
    content, pixels = picture(tf, 1)
    features = {
        "image/encoded": tf.FixedLenFeature((), tf.string, default_value=""),
        "image/format": tf.FixedLenFeature((), tf.string, default_value="png"),
        "several": tf.VarLenFeature(tf.string),
    }
    items = {"image": slim.Image(), "scaled": slim.Image(dtype=tf.float32, channels=3)}
    decoder = slim.TFExampleDecoder(features, items)
    result = {}
    record = tf.placeholder(tf.string, [])
    image, scaled = decoder.decode(record, ["image", "scaled"])
    result["shape"] = str(image.shape)
    with tf.Session() as session:
        for kind in (b"png", b"PNG", b"", b"jpeg"):
            fed = {record: example(tf, image__encoded=[content], image__format=[kind])}
            result["of " + kind.decode()] = plain(session.run([image, scaled], fed))
        assert result["of png"][0] == pixels.tolist()
    return texts(result)


def digits(tf, slim):
    """Records of two files, and the data set of them."""
    for name, start in (("mnist_train_0", 0), ("mnist_train_1", 4)):
        with tf.python_io.TFRecordWriter(name + ".tfrecord") as writer:
            for label in range(start, start + 4):
                content, _ = picture(tf, label, 2, 2)
                writer.write(
                    example(
                        tf, image__encoded=[content], image__format=[b"png"],
                        image__class__label=[label],
                    )
                )  # fmt: skip
    features = {
        "image/encoded": tf.FixedLenFeature((), tf.string, default_value=""),
        "image/format": tf.FixedLenFeature((), tf.string, default_value="raw"),
        "image/class/label": tf.FixedLenFeature(
            [1], tf.int64, default_value=tf.zeros([1], dtype=tf.int64)
        ),
    }
    items = {
        "image": slim.tfexample_decoder.Image(shape=[2, 2, 3], channels=3),
        "label": slim.tfexample_decoder.Tensor("image/class/label", shape=[]),
    }
    decoder = slim.tfexample_decoder.TFExampleDecoder(features, items)
    return slim.dataset.Dataset(
        data_sources=["mnist_train_0.tfrecord", "mnist_train_1.*"],
        reader=tf.TFRecordReader,
        decoder=decoder,
        num_samples=8,
        num_classes=10,
        items_to_descriptions={"image": "A picture.", "label": "A number."},
        labels_to_names={0: "zero"},
    )


@case
def mnist(tf):
    """The input of slim's image classification: record files to batches ahead of the step."""
    slim = tf.contrib.slim
    result = {}
    with files():
        data = digits(tf, slim)
        result["data set"] = data.num_samples, data.num_classes, data.labels_to_names
        provider = slim.dataset_data_provider.DatasetDataProvider(
            data, num_readers=1, shuffle=False, num_epochs=1,
            common_queue_capacity=20, common_queue_min=10,
        )  # fmt: skip
        result["items"] = sorted(provider.list_items()), provider.num_samples()
        image, label, key = provider.get(["image", "label", "record_key"])
        key.set_shape([])
        result["tensors"] = described(image), described(label), described(key)
        image = tf.cast(image, tf.float32) / 255.0
        images, labels, keys = tf.train.batch([image, label, key], batch_size=4, capacity=20)
        labels = slim.one_hot_encoding(labels, 8)
        queue = slim.prefetch_queue.prefetch_queue([images, labels, keys], capacity=2)
        images, labels, keys = queue.dequeue()
        result["refused"] = outcome(lambda: provider.get("image"))
        batch = [tf.reduce_mean(images, [1, 2]), tf.argmax(labels, 1), keys]
        seen, files_read = [], []
        with tf.Session() as session:
            session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
            coord = tf.train.Coordinator()
            threads = tf.train.start_queue_runners(session, coord)
            for _ in range(3):
                found = outcome(lambda: session.run(batch))
                is_error = "Error" in str(found[0])
                files_read += [] if is_error else [key.split(":")[0] for key in found[2]]
                seen.append(found[:1] if is_error else [np.round(found[0], 5).tolist(), found[1]])
            coord.request_stop()
            coord.join(threads)
        result["seen"], result["files"] = seen, files_read
    return texts(result)


@case
def readers(tf):
    parallel = tf.contrib.slim.parallel_reader
    result = {}
    with files(a=b"1\n2\n3\n", b=b"4\n5\n", c=b"6\n"):
        with tf.Graph().as_default():
            key, value = parallel.parallel_read(
                ["a", "[bc]"], tf.TextLineReader, num_epochs=1, num_readers=2, shuffle=True,
                capacity=9, min_after_dequeue=3, seed=5, reader_kwargs={"skip_header_lines": 1},
            )  # fmt: skip
            result["ops"] = [
                line for line in ops_of(tf.get_default_graph())
                if "Reader" in line or "Queue" in line or "queue" in line
            ]  # fmt: skip
            result["all"] = sorted(map(str, drained(tf, [key, value])))
        with tf.Graph().as_default():
            single = parallel.single_pass_read(["a", "b"], tf.TextLineReader)
            result["single"] = drained(tf, list(single))
        with tf.Graph().as_default():
            queue = tf.FIFOQueue(20, [tf.string, tf.string], shapes=[[], []])
            reader = parallel.ParallelReader(tf.TextLineReader, queue, num_readers=2)
            names = tf.train.string_input_producer(["a", "b", "c"], 1, shuffle=False)
            some = reader.read_up_to(names, 4)
            counts = [reader.num_records_produced(), reader.num_work_units_completed()]
            result["up to"] = drained(tf, list(some), counts)[-1]
            result["readers"] = reader.num_readers, reader.common_queue is queue
            wrong = tf.FIFOQueue(20, [tf.string, tf.int32])
            result["refused"] = [
                outcome(lambda: parallel.ParallelReader(tf.TextLineReader, wrong)),
                outcome(lambda: parallel.get_data_files([])),
            ]
        result["files"] = sorted(parallel.get_data_files(["b", "*"]))
    return texts(result)


@case
def summaries(tf):
    made = tf.contrib.slim.summaries
    one, some = tf.constant(1.5, name="one"), tf.constant([0.0, 1.0, 0.0, 3.0], name="some")
    images = tf.zeros([2, 3, 4, 3], name="images")
    tensors = [
        made.add_scalar_summary(one),
        made.add_scalar_summary(one, "called", "of", print_summary=True),
        made.add_histogram_summary(some, prefix="h"),
        made.add_zero_fraction_summary(some, "zeros"),
        made.add_image_summary(images, "pictures", print_summary=True),
    ]
    tensors += made.add_scalar_summaries([one], "p") + made.add_histogram_summaries([some])
    tensors += made.add_image_summaries([images], "q") + made.add_zero_fraction_summaries([some])
    known = [t.name for t in tf.get_collection(tf.GraphKeys.SUMMARIES)]
    result = {"ops": [t.name for t in tensors], "collection": known, "tags": []}
    with tf.Session() as session:
        for content in session.run(tensors):
            result["tags"].append([v.tag for v in tf.Summary.FromString(content).value])
    return texts(result)


def drained(tf, fetches, last=None):
    """What queue runners give until there is no more."""
    seen = []
    with tf.Session() as session:
        session.run(tf.local_variables_initializer())
        coord = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(session, coord)
        try:
            while True:
                seen.append(plain(session.run(fetches)))
        except tf.errors.OutOfRangeError:
            pass
        if last is not None:
            seen.append(plain(session.run(last)))
        coord.request_stop()
        coord.join(threads)
    return seen
