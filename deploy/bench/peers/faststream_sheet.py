"""What both FastStream programs are asked with."""

from pydantic import BaseModel, NonNegativeInt


class Sheet(BaseModel):
    """What is asked."""

    station: str
    figures: list[NonNegativeInt]
