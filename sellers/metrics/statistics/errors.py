"""What is wrong in a statistic, and where."""


class StatisticError(ValueError):
    """A statistic that cannot be computed: ``path`` in its row (``where.all[1][2]``, ``field``) and
    a message that says what was expected there."""

    def __init__(self, path: str, message: str):
        self.path = path
        self.message = message
        super().__init__(f"{path}: {message}")
