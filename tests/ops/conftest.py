"""The order of the checks of records."""


def pytest_collection_modifyitems(items):
    """Put the checks of a record next to each other: they share what TensorFlow says of it.

    xdist gives its workers stretches of this order, so that they share it there too.
    """
    places = [i for i, item in enumerate(items) if _record_of(item) is not None]
    order = {}
    for i in places:
        order.setdefault(_record_of(items[i]), len(order))
    checks = sorted((items[i] for i in places), key=lambda item: order[_record_of(item)])
    for i, item in zip(places, checks, strict=True):
        items[i] = item


def _record_of(item):
    callspec = getattr(item, "callspec", None)
    return id(callspec.params["record"]) if callspec and "record" in callspec.params else None
