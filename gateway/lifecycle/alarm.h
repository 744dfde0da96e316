/* SPDX-License-Identifier: Apache-2.0 */
/* The local output: runs a program of the site, a siren perhaps, without a shell. One at a time. Main thread.
 */
#ifndef ATALAYA_LIFECYCLE_ALARM_H
#define ATALAYA_LIFECYCLE_ALARM_H

#include "atalaya/gateway/distress.h"

enum { ALARM_RUNS_S = 30 /* then it is ended */ };

struct alarm;

enum atalaya_result alarm_create(struct alarm **alarm);
/* command: "" = none. false: it runs for another distress; ask again. While it runs for this one it is not
 * started: it is loud already. */
bool alarm_sound(struct alarm *alarm, const char *command, const struct distress *distress);
void alarm_tick(struct alarm *alarm); /* once a second: collects what has ended, ends what hangs */
void alarm_destroy(struct alarm *alarm);

#endif
