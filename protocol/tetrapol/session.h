/* SPDX-License-Identifier: Apache-2.0 */
/* From frames to events: a transmission starts, somebody is named, it ends. */
#ifndef ATALAYA_TETRAPOL_SESSION_H
#define ATALAYA_TETRAPOL_SESSION_H

#include "atalaya/protocol/protocol.h"
#include "blocks.h"
#include "layer2.h"
#include "track.h"

enum { TETRAPOL_BIT_RATE = 8000, TETRAPOL_RECENT_MAX = 8 };

/* The raw of an event that no frame carried: one octet, which is no frame and parses as none. It keeps the
 * hashes of such events apart. */
enum tetrapol_event {
    TETRAPOL_EVENT_START = 1,
    TETRAPOL_EVENT_END,
    TETRAPOL_EVENT_EMERGENCY,
    TETRAPOL_EVENT_EMERGENCY_UNNAMED /* the same alarm, after nobody named himself */
};

struct tetrapol_session {
    bool open, announced;
    uint64_t first_bit, end_bit; /* of the transmission's good frames */
    unsigned voice, data, lost, corrected;
    struct tetrapol_channel channel;
    struct tetrapol_blocks blocks;
    char unit[TETRAPOL_RFSI_TEXT];          /* who speaks in this transmission */
    uint8_t end_raw[TETRAPOL_SPEECH_BYTES]; /* the first end that was signalled */
    bool ends, over;                        /* an end was signalled; the last one was */
    struct {
        uint64_t hash, bit;
    } recent[TETRAPOL_RECENT_MAX]; /* frames are sent several times over */
    unsigned recent_next;
    char caller[TETRAPOL_RFSI_TEXT]; /* heard last, in any transmission */
    uint64_t caller_bit;
    bool alarm_open;      /* an emergency pattern that nobody's identity stood beside yet */
    bool alarm_told;      /* ... and which is a distress of an unknown radio by now */
    unsigned alarm_lasts; /* bits that it went on for beyond a single frame */
    bool company;         /* some radio's frames were heard, ... */
    uint64_t company_bit; /* the last one to here */
    uint64_t alarm_bit, alarm_first_bit;
    struct message message;
};

void tetrapol_session_reset(struct tetrapol_session *session);
/* What the track just said, with its frame. */
void tetrapol_session_execute(struct tetrapol_session *session, struct tetrapol_track *track,
                              enum tetrapol_track_event event, struct protocol_output *output);
/* The emergency pattern ended before end_bit. */
void tetrapol_session_alarm(struct tetrapol_session *session, uint64_t end_bit,
                            struct protocol_output *output);
/* Time passes: an alarm that waited for an identity long enough is told without. lasts: bits, as in
 * emergency.h. */
void tetrapol_session_wait(struct tetrapol_session *session, uint64_t now_bit, unsigned lasts,
                           struct protocol_output *output);

#endif
