"""The seeded workspace: who is in it, which channels and user groups there are."""

from dataclasses import dataclass

TEAM_ID = "T0SLUICE"
APP_ID = "A0SLUICE"
BOT_ID = "B0SLUICE"
BOT_USER = "U0SLUICE"
CHANNEL = "C0MODELS"


@dataclass(frozen=True)
class Person:
    """A member of the workspace. `title` says what they do, as on a Slack profile."""

    id: str
    name: str
    real_name: str
    title: str
    is_bot: bool = False
    is_restricted: bool = False

    @property
    def email(self) -> str:
        """The address by which users.lookupByEmail finds them."""
        return f"{self.name}@example.com"

    @property
    def direct_messages(self) -> str:
        """Id of the channel between this person and the app."""
        return f"D{self.id[1:]}"


PEOPLE = (
    Person("U0ANNA", "anna", "Anna Ferreira", "Data scientist, fraud: registers models"),
    Person("U0BEN", "ben", "Ben Okafor", "Data scientist, fraud"),
    Person("U0CHEN", "chen", "Chen Wei", "ML engineer"),
    Person("U0DANA", "dana", "Dana Novak", "DevOps"),
    Person("U0OLGA", "olga", "Olga Lindqvist", "Product owner, fraud"),
    Person("U0GUEST", "guest", "Gil Guest", "Consultant (guest)", is_restricted=True),
    Person(BOT_USER, "sluice", "Sluice", "App", is_bot=True),
)
CHANNELS = {CHANNEL: "model-releases", "C0FRAUD": "fraud-models"}
USER_GROUPS = {"S0MLENG": ("ml-engineering", ("U0CHEN", "U0DANA"))}
