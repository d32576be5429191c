"""What the doctor says of backups: their age, the places that fail, the key that seals them."""

from __future__ import annotations

from pathlib import Path

from gateway.config import Config
from gateway.upkeep import look_data
from gateway.upkeep.backup import make
from gateway.upkeep.findings import Level
from tests.gateway.store.ledger import NIGHT
from tests.gateway.upkeep.test_doctor import a_box, levels


def test_backups_are_judged_by_their_age_and_whether_they_arrived(tmp_path: Path) -> None:
    """The one that nobody looks at until it is needed."""
    config, path = a_box(tmp_path, f'[backup]\nto = ["{tmp_path}/out", "usb:ABSENTE"]\n')

    def told(now: float) -> dict[str, Level]:
        return levels(look_data.history(config, now))

    assert Level.FAULT == told(NIGHT)["backup"]
    make(config, path, config.backup.to, NIGHT)
    assert Level.GOOD == told(NIGHT + 3600)["backup"]
    assert Level.WARNING == told(NIGHT + 3600)["backup.failed"]
    assert Level.WARNING == told(NIGHT + 3600)["backup.sealed"]
    assert Level.FAULT == told(NIGHT + 5 * 86400)["backup"]
    make(config, path, config.backup.to[1:], NIGHT + 60)
    assert Level.GOOD == told(NIGHT + 3600)["backup"], "the one of the night is there all the same"


def test_a_backup_by_a_clock_a_year_ahead_hides_no_failure_after_it(tmp_path: Path) -> None:
    """Each night failed, and « sauvegardé il y a 0 h » was said until that year was over."""
    config, path = a_box(tmp_path, f'[backup]\nto = ["{tmp_path}/drawer"]\n')
    make(config, path, config.backup.to, NIGHT + 365 * 86400)
    ahead = backups_of(config, NIGHT)
    (tmp_path / "drawer").rename(tmp_path / "away")
    make(config, path, config.backup.to, NIGHT)
    lost = backups_of(config, NIGHT + 60)

    assert "à venir" in ahead["backup"]
    assert "à venir" in lost["backup"]
    assert "n'arrive pas à" in lost["backup.failed"]


def test_backups_that_a_key_seals_from_now_on_need_no_new_key(tmp_path: Path) -> None:
    """After a restore the record is older than the backup: a new key would lock out the sheet."""
    config, path = a_box(tmp_path, f'[backup]\nto = ["{tmp_path}/out"]\n')
    make(config, path, config.backup.to, NIGHT)
    bare = backups_of(config, NIGHT)["backup.sealed"]
    sealed = config.backup.model_copy(update={"recipient": "age1x"})
    keyed = backups_of(config.model_copy(update={"backup": sealed}), NIGHT)["backup.sealed"]

    assert "new-key" in bare
    assert keyed.endswith("la prochaine le sera → tocsin backup")


def backups_of(config: Config, now: float) -> dict[str, str]:
    """Return what doctor says of the backups, the mend included."""
    return {
        one.code: f"{one.level} {one.sentence} → {one.mend}"
        for one in look_data.history(config, now)
        if one.code.startswith("backup")
    }


def test_a_trial_by_hand_that_fails_does_not_hide_the_last_good_backup(tmp_path: Path) -> None:
    """Both are told: what is safe, and what does not work; a good one ends the second."""
    config, path = a_box(tmp_path, f'[backup]\nto = ["{tmp_path}/out"]\n')
    make(config, path, config.backup.to, NIGHT)
    lost = make(config, path, ["usb:ABSENTE"], NIGHT + 7200)
    after_trial = backups_of(config, NIGHT + 10800)
    make(config, path, config.backup.to, NIGHT + 86400)
    next_night = backups_of(config, NIGHT + 90000)

    assert not lost.safe
    assert "good sauvegardé il y a 3 h" in after_trial["backup"]
    assert "n'arrive pas à usb:ABSENTE" in after_trial["backup.failed"]
    assert "--to usb:ABSENTE" in after_trial["backup.failed"]
    assert "backup.failed" not in next_night


def test_a_trial_by_hand_that_works_does_not_hide_a_place_that_fails(tmp_path: Path) -> None:
    """The stick in the drawer is not the other machine."""
    config, path = a_box(tmp_path, f'[backup]\nto = ["{tmp_path}/out", "usb:ABSENTE"]\n')
    make(config, path, config.backup.to, NIGHT)
    make(config, path, [str(tmp_path / "drawer")], NIGHT + 7200)
    told = backups_of(config, NIGHT + 7200)
    (tmp_path / "out").rename(tmp_path / "gone")
    (tmp_path / "out").write_text("a file, where a folder was")
    make(config, path, config.backup.to, NIGHT + 86400)
    both = backups_of(config, NIGHT + 86400)

    assert "sauvegardé il y a 0 h" in told["backup"]
    assert "n'arrive pas à usb:ABSENTE" in told["backup.failed"]
    assert "2 destination(s) en échec" in both["backup"]
    assert both["backup"].startswith("fault")
