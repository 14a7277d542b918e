"""Errors as CloudWatch gives them."""

from local.engine.sagemaker.errors import ApiError


def invalid(message: str) -> ApiError:
    """A request that cannot be right."""
    return ApiError("ValidationError", message)


def invalid_value(message: str) -> ApiError:
    """A parameter with a value that CloudWatch does not take."""
    return ApiError("InvalidParameterValue", message)


def invalid_combination(message: str) -> ApiError:
    """Parameters that exclude each other."""
    return ApiError("InvalidParameterCombination", message)
