"""Every demonstration has a folder and an environment of its own."""

from datetime import date, datetime

from config.demo.place import MARK, Demonstration
from tests.config.marketplaces.test_olist import lay_out


def test_each_seed_and_size_has_its_own_folder(tmp_path):
    made = [Demonstration(520, "M"), Demonstration(520, "S"), Demonstration(521, "M")]
    assert len({one.folder(tmp_path) for one in made}) == 3
    assert Demonstration(520, "M").folder(tmp_path) == made[0].folder(tmp_path)


def test_the_same_files_are_the_same_marketplace_wherever_they_lie(tmp_path):
    first = Demonstration(520, "", lay_out(tmp_path / "first"))
    moved = Demonstration(520, "", lay_out(tmp_path / "moved"))
    other = Demonstration(520, "", lay_out(tmp_path / "other", olist_sellers="seller_id\n"))
    assert first.name == moved.name
    assert first.name != other.name
    assert first.name.startswith("olist-")


def test_olist_starts_in_2018_in_brazils_time(tmp_path):
    shown = Demonstration(520, "", tmp_path)
    assert (shown.starts, shown.zone) == (date(2018, 5, 15), "America/Sao_Paulo")
    assert shown.campaign_code == "g520-2018"
    assert str(shown.morning) == "2018-05-16 08:00:00"


def test_the_environment_leads_to_its_own_database_whatever_is_set(tmp_path):
    shown = Demonstration(520, "M")
    given = {
        "PATH": "/bin",
        "DATABASE_URL": "postgres://elsewhere/shop",
        "REDIS_URL": "redis://elsewhere",
        "MODE": "production",
        "CLOCK_EPOCH": "1",
        "TIME_ZONE": "UTC",
    }
    clock = datetime.fromisoformat("2023-05-16 08:00:00")
    found = shown.environment(given, tmp_path, clock=clock)
    assert found == {
        "PATH": "/bin",
        "MODE": "embedded",
        "VAR_DIR": str(tmp_path),
        "TIME_ZONE": "Asia/Shanghai",
        "CLOCK_START": "2023-05-16T08:00:00",
        MARK: str(tmp_path),
    }
