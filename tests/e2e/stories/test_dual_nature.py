"""A child with a disability is refused schooling, and three commissioners examine it together.

The matter belongs to two of them at once: it is about a child, and about a person with a
disability. The complainant should not need to know that, and nobody examines it twice.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.process import running
from e2e.stories.telling import Country


@pytest.fixture
def kazakhstan(tmp_path: Path) -> Iterator[Country]:
    data = tmp_path / "data"
    with running(data) as platform:
        yield Country(data, platform)


def test_a_child_with_a_disability_is_refused_schooling(kazakhstan: Country) -> None:
    mother = kazakhstan.somebody("Айгүл Серікқызы")
    children = kazakhstan.commissioner("children")
    vulnerable = kazakhstan.commissioner("vulnerable")
    general = kazakhstan.commissioner("human-rights")
    interior = kazakhstan.body("ministry-internal-affairs")

    # Given a mother whose son in a wheelchair was not taken into the first class
    mother.complains(
        "Ұлым арбамен жүреді. Мектеп пандус жоқ деп, оны бірінші сыныпқа алмады.",
        for_whom={"name": "Дамир"},
        complainant="parent",
        affected=["child", "disability"],
        subject="education",
        body="school",
        region="710000000",
    )
    children.finds_the_complaint_in_the_inbox()
    children.accepts_the_complaint()
    children.begins_to_examine_it()
    children.reads_in_the_complaint("арбамен жүреді")
    mother.consents_to_a_joint_examination()

    # When the children's commissioner proposes to examine it together with the general one
    children.proposes_a_joint_inspection(
        "Мүгедектігі бар балалар осы мектепке кіре ала ма? Не кедергі?", inviting=general
    )

    # Then the commissioner for vulnerable groups must take part; nobody had to think of it
    vulnerable.is_asked_to_take_part(must=True)
    general.is_asked_to_take_part(must=False)

    # And until then it is told what it would be about, and nothing of the family
    vulnerable.reads_in_the_inspection("Не кедергі?")
    vulnerable.may_not_read_the_complaint()

    # When they join, it opens, but not before
    general.joins()
    children.cannot_open_it_without_who_must_take_part()
    vulnerable.joins()
    children.opens_it()

    # Then each of them reads the complaint, and the mother reads who examines it
    vulnerable.reads_in_the_complaint("арбамен жүреді")
    general.reads_in_the_complaint("арбамен жүреді")
    mother.reads_in_the_status(
        "Бірлесіп қарауда:",
        "Бала құқықтары жөніндегі уәкіл",
        "Халықтың әлеуметтік осал санаттарының құқықтары жөніндегі уәкіл",
        "Адам құқықтары жөніндегі уәкіл",
    )

    # When they share the work
    children.gives_a_task("visit", to=vulnerable)
    vulnerable.does_its_task("Мектепте болдық: кіреберісте пандус жоқ, лифт жұмыс істемейді.")
    vulnerable.lays_before_the_others("visit_record", "Барып тексеру хаттамасы, фотосуреттермен.")
    general.lays_before_the_others("document", "Мектеп директорының бас тарту туралы хаты.")
    children.reads_in_the_inspection("лифт жұмыс істемейді")
    children.reads_in_the_inspection("бас тарту туралы хаты")

    # And agree on one finding, but not on the other
    children.drafts_finding(1, "Мектеп баланы заңсыз қабылдамады.")
    vulnerable.drafts_finding(2, "Әкімдік мектепті бейімдеуге қаражат бөлмеді.")
    for commissioner in (children, vulnerable, general):
        commissioner.agrees_to_finding(1)
    children.agrees_to_finding(2)
    vulnerable.agrees_to_finding(2)
    children.cannot_report_before_all_have_voted()
    general.dissents_from_finding(2, "Бюджетті бөлу мерзімі әлі өткен жоқ.")
    children.reads_in_the_inspection("мерзімі әлі өткен жоқ")
    children.sees(lambda inspection: inspection["todo"] == "report")

    # And the report is issued, with the dissent in it
    children.issues_the_report(
        "Мектеп баланың білім алу құқығын бұзды.",
        method="Мектепке бардық, құжаттарды зерделедік, анасы мен директорды тыңдадық.",
        recommending={
            "ministry-education": "Баланы осы оқу жылында қабылдап, мектепке пандус орнату.",
            "vulnerable": "Мектептің қолжетімділігін жарты жылдан кейін қайта тексеру.",
        },
    )
    vulnerable.signs_the_report()
    general.signs_the_report()
    children.signs_the_report()
    children.closes_it("breaches_found")

    # Then every one of them has the same report, signed by all, in the file and on paper
    report = children.takes_the_report()
    assert vulnerable.takes_the_report() == report
    assert general.takes_the_report() == report
    assert report.prints("Мектеп баланы заңсыз қабылдамады.")
    assert report.prints("Бюджетті бөлу мерзімі әлі өткен жоқ.")
    assert report.prints("Баланы осы оқу жылында қабылдап, мектепке пандус орнату.")
    assert kazakhstan.verifies(report) == "whole"

    # And the mother gets her answer from the commissioner whom the complaint is with
    children.answers_the_complaint("Құрметті Айгүл Серікқызы! Мектеп ұлыңызды қабылдайды.")
    mother.is_answered("Мектеп ұлыңызды қабылдайды.")

    # And a ministry that is not concerned was told nothing and can read nothing
    interior.has_been_told_nothing()
    interior.cannot_read_what(children)

    # And every history is the same in every store that holds it
    kazakhstan.proves_that_all_histories_are_equal()
    way = kazakhstan.tells_the_way_of(children.inspection, "kk")
    assert "Бірлескен тексеру ұсынылды" in way
    assert "Ерекше пікір жазылды" in way
    assert "Бірлескен тексеру жабылды" in way
