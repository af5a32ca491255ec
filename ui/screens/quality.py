"""Not yet."""


def page() -> None:
    pass
