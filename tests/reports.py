"""A joint report of three offices in which one dissents, signed by all, and its PDF."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from ombudslink.envelope import Envelope
from ombudslink.ids import derived_id
from ombudslink.printing.joint_report import Edition, printed
from ombudslink.proof.composing import composed
from ombudslink.proof.reports import JointReport, ReportSignature, SignedReport
from ombudslink.proof.signing import KeyRing
from ombudslink.testing.builders import content
from ombudslink.testing.country import CHILDREN, GENERAL, MINISTRY, MONDAY, OFFICES, POLICY
from ombudslink.testing.histories import Told, told
from ombudslink.testing.inspections import signer_of, voted
from ombudslink.vocabulary import Vocabulary

INSPECTION: Final = derived_id("an inspection")
REPORT: Final = content(25, holder=CHILDREN)
FINDING: Final = "Мектеп баладан бас тартты.\n\nСебебі айтылмаған: «орын жоқ»."
DISSENT: Final = "Әкімдіктің міндеті емес. Ғимарат ескі, сондықтан күту керек."
TEXTS: Final[Mapping[str, Mapping[str, Any]]] = {
    content(20).id: {"text": "Мектептің қолжетімділігі және бас тартудың заңдылығы."},
    content(21).id: {"text": "Пандус жоқ."},
    content(22).id: {"text": "Хаттама."},
    content(23).id: {"text": FINDING},
    content(24).id: {"text": DISSENT},
    REPORT.id: {
        "text": "Баланың құқығы бұзылған.",
        "method": "Мектепке бардық, құжаттарды зерделедік.",
        "recommendations": [
            {"addressee": MINISTRY, "text": "Пандус салынсын."},
            {"addressee": GENERAL, "text": "Орындалуын қадағалау."},
        ],
    },
}
RING: Final = KeyRing({signer_of(o).key_id: signer_of(o).public for o in OFFICES})


def history() -> list[Told]:
    """The history to the last vote."""
    return told(voted(), INSPECTION)


def report(texts: Mapping[str, Mapping[str, Any]] = TEXTS) -> JointReport:
    """The report that was composed from it."""
    past = history()
    envelopes = [Envelope.from_body(one.body) for one in past]
    return composed(envelopes, past[-1].hash, REPORT, texts)


def signature(document: JointReport, office: str) -> ReportSignature:
    """An office's signature of it."""
    signer, digest = signer_of(office), document.digest
    signed = signer.sign_report(digest)
    return ReportSignature(office=office, digest=digest, key=signer.key_id, signature=signed)


def signed(document: JointReport | None = None) -> SignedReport:
    """It with every party's signature."""
    document = document or report()
    found = tuple(signature(document, office) for office in document.signers)
    return SignedReport(report=document, signatures=found)


def on_paper(whole: SignedReport, language: str = "kk") -> bytes:
    """Its PDF."""
    at = {one.office: MONDAY for one in whole.signatures}
    return printed(whole, Edition(POLICY, Vocabulary(words={}), language, MONDAY, at))


def changed(change: Callable[[dict[str, Any]], None], whole: SignedReport | None = None) -> bytes:
    """The file after somebody changed something in it."""
    document = json.loads((whole or signed()).model_dump_json())
    change(document)
    return json.dumps(document, ensure_ascii=False).encode()
