# SPDX-License-Identifier: Apache-2.0
"""What goes wrong at a site, one small object each: begin() and end() on a FaultRig. `groups`: what it occupies; two of one
group cannot go wrong at once.
`hold_s`: long enough for health to tell. `shows`: what health says meanwhile, `shows_after_s` from the beginning; `seen_at`: by which
broker that can be seen. `takes`: what may be lost, `holds_up`: whom documents reach late, as history.Trouble has them."""
import errno
import os
import resource
import time

YEAR_NS = 365 * 86400 * 10**9
KEEPALIVE_S = 5


def link_is_bad(health):
    link = next(one for one in health["links"] if one["name"] == "hq")
    return link["state"] != "up" or "error" in link


def spool_fails(health):
    return health["spool"]["failing"]


def spool_was_damaged(health):
    return health["spool"]["damaged"]


def clock_is_unknown(health):
    return health["clock"]["source"] == "none"


def gpsd_is_gone(health):
    return health["gpsd"] != "ok"


def source_is_gone(health):
    return health["sources"][0]["state"] == "gone"


class Nemesis:
    groups, hold_s, takes, shows, shows_after_s, seen_at = ("link",), 3.0, (), None, 2.5, ("hq", "eye")
    holds_up = None  # subscribers to whom documents come late; None: all

    def __init__(self, rig):
        self.rig = rig

    @property
    def name(self):
        return type(self).__name__

    def begin(self):
        pass

    def end(self):
        pass


class Link(Nemesis):
    """Seen by the other broker."""
    shows, seen_at, hold_s, holds_up = staticmethod(link_is_bad), ("eye",), 4.0, ("hq",)

    def end(self):
        """Whatever stood in the way is gone, and so are its connections: none goes on from the middle."""
        self.rig.proxy.swallow = self.rig.proxy.keep_publishes = self.rig.proxy.lose_pubacks = False
        self.rig.proxy.cut()


class HalfOpen(Link):
    hold_s, shows_after_s = 1.5 * KEEPALIVE_S + 6, 1.5 * KEEPALIVE_S + 3

    def begin(self):
        self.spoil()
        before, end = self.rig.proxy.vanished, time.time() + 20
        while self.rig.proxy.vanished == before and time.time() < end:
            time.sleep(0.05)  # nobody knows of it before something was sent
        self.rig.trouble_of[self].shows_from = time.time()

    def spoil(self):
        self.rig.proxy.swallow = True


class NoPuback(HalfOpen):
    """It accepts and never acknowledges."""

    def spoil(self):
        self.rig.proxy.keep_publishes = True


class PubackLost(Link):
    """The broker has it, the gateway does not know, and the connection breaks."""
    hold_s, shows = 1.0, None

    def begin(self):
        self.rig.proxy.lose_pubacks = True


class LinkDown(Link):
    def begin(self):
        self.rig.proxy.shut()

    def end(self):
        self.rig.proxy.open()


class BrokerKilled(Link):
    """Its sessions are on disk."""
    forgets = False

    def begin(self):
        self.rig.proxy.shut()
        self.rig.kill_broker(self.forgets)

    def end(self):
        self.rig.start_broker()
        self.rig.proxy.open()


class BrokerForgets(BrokerKilled):
    forgets = True


class NamesGone(Link):
    def begin(self):
        self.rig.faults.names_error = -3  # EAI_AGAIN
        self.rig.proxy.cut()

    def end(self):
        self.rig.faults.names_error = 0


class NoDescriptors(Link):
    """Not one more can be opened, and the connection breaks."""
    groups, holds_up = ("link", "gateway"), None

    def begin(self):
        self.before = resource.prlimit(self.rig.tower.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(self.rig.tower.process.pid, resource.RLIMIT_NOFILE, (3, self.before[1]))
        self.rig.proxy.cut()

    def end(self):
        resource.prlimit(self.rig.tower.process.pid, resource.RLIMIT_NOFILE, self.before)


class Disk(Nemesis):
    groups, takes, shows = ("disk",), ("disk",), staticmethod(spool_fails)
    settings = {}

    def begin(self):
        """Nobody knows of it before something is written; who only opens the file reads what is there."""
        before = self.rig.faults.write_hits
        for name, value in self.settings.items():
            setattr(self.rig.faults, name, value)
        end = time.time() + 20
        while self.rig.faults.write_hits == before and time.time() < end:
            time.sleep(0.05)
        trouble = self.rig.trouble_of[self]
        trouble.shows_from = time.time()
        if self.rig.faults.write_hits == before:
            trouble.shows = None  # with its TNC gone as well, there was nothing to write

    def end(self):
        for name in self.settings:
            setattr(self.rig.faults, name, 0)


class DiskFull(Disk):
    settings = {"write_errno": errno.ENOSPC, "open_errno": errno.ENOSPC}


class DiskReadOnly(Disk):
    settings = {"write_errno": errno.EROFS, "open_errno": errno.EROFS}


class DiskWriteError(Disk):
    settings = {"write_errno": errno.EIO}


class DiskSyncError(Disk):
    settings = {"sync_errno": errno.EIO}


class GatewayKilled(Nemesis):
    groups, hold_s = ("gateway",), 0.5

    def begin(self):
        self.rig.kill_gateway()

    def end(self):
        self.rig.start_gateway()


class SpoolGarbage(Nemesis):
    """What lies on disk is damaged while the gateway is off."""
    groups, takes, shows = ("disk", "gateway"), ("spool",), staticmethod(spool_was_damaged)

    def begin(self):
        self.rig.kill_gateway()
        self.damage(self.rig.tower.spool)
        self.rig.start_gateway()

    def damage(self, path):
        size = path.stat().st_size
        with open(path, "r+b") as file:
            file.write(os.urandom(max(size, 8192)))
        path.with_name(path.name + "-wal").unlink(missing_ok=True)


class SpoolTruncated(SpoolGarbage):
    def damage(self, path):
        os.truncate(path, path.stat().st_size // 2 // 512 * 512)
        path.with_name(path.name + "-wal").unlink(missing_ok=True)


class SpoolEmptied(SpoolGarbage):
    """As by a file system check that found nothing to save."""

    def damage(self, path):
        os.truncate(path, 0)
        path.with_name(path.name + "-wal").unlink(missing_ok=True)


class SpoolPageLost(SpoolGarbage):
    """Perhaps one that nobody uses, or that the log has anew: then nothing is wrong."""
    shows = None

    def damage(self, path):
        page = self.rig.random.randrange(max(1, path.stat().st_size // 4096))
        with open(path, "r+b") as file:
            file.seek(4096 * page)
            file.write(os.urandom(4096))


class ClockForward(Nemesis):
    groups, offset_ns, holds_up = ("clock",), 20 * YEAR_NS, ()

    def begin(self):
        self.rig.faults.wall_offset_ns = self.offset_ns

    def end(self):
        self.rig.faults.wall_offset_ns = 0


class ClockBack(ClockForward):
    offset_ns = -30 * YEAR_NS
    shows = staticmethod(clock_is_unknown)


class GpsdGone(Nemesis):
    groups, holds_up, shows = ("gpsd",), (), staticmethod(gpsd_is_gone)

    def begin(self):
        self.rig.gpsd.stop()

    def end(self):
        self.rig.gpsd.start()


class SourceGone(Nemesis):
    groups, takes, holds_up = ("source",), ("source",), ()
    shows = staticmethod(source_is_gone)

    def begin(self):
        self.rig.tnc.unplug()

    def end(self):
        self.rig.tnc.plug()


LINK = (HalfOpen, NoPuback, PubackLost, LinkDown, BrokerKilled, BrokerForgets, NamesGone, NoDescriptors)
DISK = (DiskFull, DiskReadOnly, DiskWriteError, DiskSyncError)
DAMAGE = (SpoolGarbage, SpoolTruncated, SpoolEmptied, SpoolPageLost)
OTHER = (GatewayKilled, ClockForward, ClockBack, GpsdGone, SourceGone)
ALL = LINK + DISK + DAMAGE + OTHER
