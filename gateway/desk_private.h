/* SPDX-License-Identifier: Apache-2.0 */
/* The desk's inside, shared by its files: desk.c says what a hearing or an order means, desk_store.c
 * writes it down and sends it, desk_state.c is what a restart must know, desk_log.c writes the audit log,
 * desk_watch.c follows who has it and who must be told next. Main thread. */
#ifndef ATALAYA_DESK_PRIVATE_H
#define ATALAYA_DESK_PRIVATE_H

#include <systemd/sd-id128.h>

#include "desk.h"
#include "lifecycle/escalation.h"

enum { DESK_SAID_MAX = 16 };

struct incident {
    struct distress distress;
    struct escalation escalation;
    unsigned said_count;
    uint32_t said[DESK_SAID_MAX]; /* what was said in calling, the latest of it: hashes */
    int64_t item_id;              /* spool item of its latest document */
    int64_t stored_ns;            /* monotonic, of that document */
    bool unheard;                 /* a broker took it and had nobody to give it to */
    bool alarm_waits;             /* the local output was busy with another */
    bool unsent;                  /* there was no room for its latest documents: they are said again */
    uint32_t taken;               /* brokers that have taken its latest document */
    int64_t again_id[CONFIG_BROKERS_MAX]; /* what was said again to that broker since; 0 = nothing */
    uint32_t shown;        /* brokers that were sent it: they see its end, whoever is told by then */
    int64_t heard_mono_ns; /* says how long ago, whatever the wall clock did since */
    bool unlogged;         /* stored before its first line in the audit log was written, which is */
    uint64_t logged_after; /* the line after this one */
    uint64_t first_line;   /* of it in the audit log; 0 = not known */
};

struct desk {
    struct desk_setting setting;
    char machine_boot[SD_ID128_STRING_MAX]; /* "" = not told: a sandbox may keep it out of sight */
    unsigned count;
    struct incident incident[DISTRESS_OPEN_MAX];
    bool unread; /* what was open before this start could not be read: the disk fails */
    int64_t read_again_ns;
    int64_t said_again_ns[CONFIG_BROKERS_MAX]; /* to that broker what it should retain; 0 = not yet */
    int64_t say_again_ns[CONFIG_BROKERS_MAX];  /* when that is due; 0 = it is not */
};

struct distress_step desk_step_now(const struct desk *desk, enum distress_state state, const char *by,
                                   const char *through);
/* A line of the audit log. Without it the distress goes on: the log serves the distress, not the other way
 * round. */
void desk_write_audit(struct desk *desk, struct distress *distress, const struct distress_step *step,
                      const char *event, const char *detail);
/* A step, and what it means, first of all written down. */
enum distress_outcome desk_advance(struct desk *desk, struct distress *distress,
                                   const struct distress_step *step, const char *detail);
/* The first step of an incident: object, line in the audit log, publication, in this order. A kill between
 * two of them leaves what the next start finishes. */
void desk_raise(struct desk *desk, struct incident *incident);
/* What desk_raise was doing when the program was killed: the object is there, its line perhaps. */
void desk_finish_raise(struct desk *desk, struct incident *incident);
/* State and publication in one transaction. A closed incident's last document goes out plain, then an empty
 * one takes the retained copy away. */
void desk_store(struct desk *desk, struct incident *incident);
/* Once more for that broker alone, which had it: what it is to retain of the incident, or nothing. */
void desk_say_again(struct desk *desk, struct incident *incident, unsigned broker);
/* A closed incident is not published again, but how long its radio went on must survive a restart. */
void desk_keep(struct desk *desk, const struct incident *incident);
/* What the next start reads: the object, and when what happened by a clock that nobody sets. To free. */
char *desk_make_state(const struct desk *desk, const struct incident *incident, json_t *object);
/* And back, but for the distress itself, which stands in the incident. */
void desk_load_rest(const struct desk *desk, const json_t *object, struct incident *incident);
void desk_forget(struct desk *desk, const struct distress *distress);
/* Who is told, and whose radio it is, by the configuration as it is now. true: that is news. */
bool desk_resume(struct desk *desk, struct incident *incident);
/* What was open before this start and could not be read then, once the disk can be read. true: there was
 * some. */
bool desk_read_late(struct desk *desk, int64_t now_ns);

#endif
