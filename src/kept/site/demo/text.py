"""What people and staff of the demo company write: invented subjects, messages, mails and log lines."""

from __future__ import annotations

from random import Random

from kept.site.demo.people import Person

SELLER = "Hansoken Cloud"
SELLER_ADDRESS = "1 Cloud Quay, 00000 Neustrand"
SUPPORT = "support@hansoken.example"
BILLING = "billing@hansoken.example"
LETTERS = "letters@hansoken.example"

SUBJECTS = (
    "My site is slow since Monday",
    "Invoice has the wrong address",
    "Cannot sign in to the panel",
    "Mail to my office bounces",
    "How do I move my domain to you?",
    "Certificate shows a warning",
    "Please restore yesterday's backup",
    "Question about the larger plan",
    "FTP password does not work",
    "DNS change has no effect",
)
ASKS = (
    "Since yesterday {host} answers only after ten seconds. Nothing was changed on my side.",
    "I get an error when I open https://{host}/shop. A customer of mine told me first, which was not nice.",
    "The panel tells me my password is wrong. My user name is {user}. Could you look?",
    "Mails from {email} come back with error 550. The last one went to my sister.",
    "You can reach me at {phone} in the afternoon, mornings I am in the shop.",
    "Please use {street}, {city} from now on. We have moved.",
    "I have tried it from home ({ip}) and from the office, it is the same.",
    "My colleague says it works for her, so perhaps it is only me.",
)
ANSWERS = (
    "Thank you for writing. I have restarted the service of {host}; please try again.",
    "I see the refused sign-ins from {ip}. I have lifted the block.",
    "Your address is changed to {street}, {city}. The next invoice will carry it.",
    "I could not reach you at {phone}, so I write instead. All is well again on our side.",
    "The backup of last night is in the folder restore/. Please tell us when you have looked.",
    "This needs our night shift. I have passed it on and will write to {email} tomorrow.",
)
THANKS = (
    "Perfect, it works again. Thank you!",
    "That was quick, thanks.",
    "It is better now, I will watch it for a day.",
)
SIGNATURE = "\n\n-- \n{name}\n{company}{street}, {city}\nTel. {phone}"
AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:{}.0) Gecko/20100101 Firefox/{}.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/{}.0 Safari/537.{}",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_{} like Mac OS X) Version/17.{} Mobile",
)


def filled(template: str, person: Person) -> str:
    return template.format(
        host=person.host,
        user=user_name(person),
        email=person.email,
        phone=person.full_phone,
        street=person.street,
        city=person.city,
        ip=person.ip,
        name=person.name,
        company=f"{person.company}\n" if person.company else "",
    )


def user_name(person: Person) -> str:
    """The name of the person's account on a server."""
    return f"web{person.number:07d}"


def ask(rng: Random, person: Person) -> str:
    """What a person writes, with a signature as mail programs add it."""
    text = "Hello,\n\n" + filled(" ".join(rng.sample(ASKS, rng.randrange(1, 4))), person)
    return text + (filled(SIGNATURE, person) if rng.random() < 0.5 else f"\n\n{person.first}")


def answer(rng: Random, person: Person, said: str, staff: str) -> str:
    """What staff answer: often above a quotation of what they answer to."""
    text = f"Dear {person.name},\n\n{filled(rng.choice(ANSWERS), person)}\n\nKind regards\n{staff}, {SELLER}"
    return text + quoted(said, person) if rng.random() < 0.6 else text


def quoted(said: str, person: Person) -> str:
    lines = "\n".join(f"> {line}" for line in said.splitlines())
    return f"\n\n{person.name} <{person.email}> wrote:\n{lines}"


def agent(rng: Random) -> str:
    version = rng.randrange(100, 132)
    return rng.choice(AGENTS).format(version, version)


def mail(subject: str, person: Person, body: str) -> tuple[str, str]:
    """A mail the billing system sent: as HTML and as text."""
    text = f"Dear {person.name},\n\n{body}\n\nYour {SELLER} team\n{BILLING}"
    html = f"<h1>{subject}</h1><p>" + text.replace("\n\n", "</p><p>").replace("\n", "<br>") + "</p>"
    return html, text
