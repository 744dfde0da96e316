# SPDX-License-Identifier: Apache-2.0
"""A site that has just come says so as soon as its link is up: what it said before would stand as its state for a minute."""
from pseudo_terminal import PluggedPort
from tower import at_work, wait_until, workplace

with workplace() as folder:
    port = PluggedPort(folder / "tnc")
    port.plug()
    source = f'source "tnc" {{ type = kiss device = "{port.path}" }}\nreport {{ health_s = 600 }}\n'
    with at_work(folder, source, ends=(port.unplug,)) as (subscriber, _):
        wait_until(lambda: any(health["well"] for health in subscriber.documents("health")), 20, "the site is well")
