"""Errors as SageMaker gives them."""


class ApiError(Exception):
    """An error answer: its code on the wire and its message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def invalid(message: str) -> ApiError:
    """What SageMaker answers to a request that cannot be right, and to most names that do not exist."""
    return ApiError("ValidationException", message)


def conflict(message: str) -> ApiError:
    """What SageMaker answers when the state of a resource forbids the operation."""
    return ApiError("ConflictException", message)


def not_found(message: str) -> ApiError:
    """What SageMaker answers where its model declares ResourceNotFound."""
    return ApiError("ResourceNotFound", message)
