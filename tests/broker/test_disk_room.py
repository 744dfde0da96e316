# SPDX-License-Identifier: Apache-2.0
"""A disk with less room than free_disk is a fault in health before it is full, and well again when that is enough."""
import schema
from pseudo_terminal import PluggedPort
from tower import at_work, wait_until, workplace

with workplace() as folder:
    port = PluggedPort(folder / "tnc")
    port.plug()

    def extra(free):
        return (f'source "tnc" {{ type = kiss device = "{port.path}" }}\n'
                f'spool {{ path = "{folder}/spool.db" free_disk = "{free}" }}\n')

    with at_work(folder, extra("1 TiB"), ends=[port.unplug]) as (subscriber, tower):
        def newest():
            return (subscriber.documents("health") or [{}])[-1]

        def told():
            return [fault["text"] for fault in newest().get("faults", []) if fault["kind"] == "disk"]

        wait_until(told, 20, "the disk is told")
        room = newest()["machine"]["disk_free_mib"]
        assert told() == [f"the disk of the spool has {room} MiB free, free_disk asks for 1048576: make room before it is full"], told()
        assert newest()["well"] is False, newest()
        schema.validator("health").validate(newest())
        text = tower.config.read_text()
        assert tower.stop() == 0, tower.log()
        tower.config.write_text(text.replace("1 TiB", "1 MiB"))
        tower.start()
        wait_until(lambda: newest().get("well"), 20, "all is well with less wanted")
        assert told() == [], newest()
        assert tower.stop() == 0, tower.log()
