/* SPDX-License-Identifier: Apache-2.0 */
/* What was said on the air: one message of any protocol, without pointers into anybody's memory, of fixed
 * size.
 *
 * What every receiver of a message needs to understand has a member (unit, position, distress). What only
 * some protocols say is a named field in a flat list; the gateway prints fields without knowing them, so that
 * a new protocol touches no switch. Field names are lower-case JSON keys with their unit at the end
 * (temperature_c). */
#ifndef ATALAYA_PROTOCOL_MESSAGE_H
#define ATALAYA_PROTOCOL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/result.h"

enum {
    MESSAGE_RAW_MAX = 1100,  /* longest frame of any protocol (IL2P carries 1023 bytes of payload) */
    MESSAGE_FIELDS_MAX = 96, /* named fields in one message */
    MESSAGE_TEXT_MAX = 3072, /* bytes of text in all fields together, terminators included */
    MESSAGE_ID_MAX = 32      /* a radio's id, terminator included */
};

enum message_kind {
    MESSAGE_OTHER, /* heard and valid, no meaning known: published raw */
    MESSAGE_POSITION,
    MESSAGE_TEXT, /* from one to another (or to all): field "text" */
    MESSAGE_ACKNOWLEDGE,
    MESSAGE_STATUS,
    MESSAGE_OBJECT, /* somebody reports something else's place: field "object" */
    MESSAGE_WEATHER,
    MESSAGE_TELEMETRY,
    MESSAGE_QUERY,
    MESSAGE_KIND_COUNT
};

/* "position", "text", ... ; never NULL. */
const char *message_kind_text(enum message_kind kind);
/* The kind named text, or MESSAGE_KIND_COUNT. */
enum message_kind message_kind_find(const char *text);

/* A time as radios send it: without year or month, sometimes without a day. The gateway, which has a clock,
 * completes it. Unknown parts are -1. */
struct partial_time {
    int8_t month, day, hour, minute, second;
    bool local; /* the sender's zone time, not UTC */
};

/* Unknown figures are NaN, never 0. */
struct position {
    double lat_deg, lon_deg; /* WGS 84, north and east positive */
    float alt_m;             /* above mean sea level */
    float
        accuracy_m; /* half the size of the area that the coding cannot tell apart (ambiguity, resolution) */
    float speed_m_s;
    float course_deg; /* 0 < course <= 360 clockwise from true north */
    struct partial_time time;
};

enum distress_kind {
    DISTRESS_NONE,
    DISTRESS_RAISED,   /* the radio says: emergency */
    DISTRESS_CANCELLED /* the radio takes it back */
};

enum field_type { FIELD_INTEGER, FIELD_REAL, FIELD_BOOLEAN, FIELD_TEXT };

struct field {
    const char *name; /* static string of the protocol (or of the reader that made the message) */
    uint8_t type;     /* enum field_type */
    bool element; /* one element of the JSON array `name`; its neighbours of the same name are the others */
    union {
        int64_t integer;
        double real;
        bool boolean;
        struct {
            uint16_t offset, length; /* into message.text; length without the terminator */
        } text;
    } value;
};

struct message {
    const char *protocol; /* id of the row that made it; static */
    const char
        *address_space; /* whose ids `unit` and `to` are: rows that carry the same radios share it; static */
    char unit[MESSAGE_ID_MAX]; /* who sent it; made of [A-Za-z0-9._-] only; "" = the protocol carries no
                                  identity */
    char to[MESSAGE_ID_MAX]; /* addressee of a text or acknowledgement; "" = everybody or nobody in particular
                              */
    enum message_kind kind;
    enum distress_kind distress;
    bool test;        /* the protocol says that this is a test; true travels end to end */
    bool well_formed; /* false: the check passed, but the contents break their specification: field "fault"
                         says how */
    bool has_position;
    struct position position;

    /* Where the frame stood in the stream of soft bits, [first_bit, end_bit); both 0 when it came from no
     * stream.
     */
    uint64_t first_bit, end_bit;
    unsigned bits_corrected;
    bool guessed;   /* the check held only after likely errors had been tried: wrong once in some hundreds, or
                       as its protocol says. Never so when a code corrected the bits and a check of its own held
                     */
    unsigned doubt; /* of a guessed one of those that exclude each other when they are of one burst: the less
                       the likelier. 0: they do not */

    uint16_t raw_length;
    uint8_t raw[MESSAGE_RAW_MAX]; /* the frame as the protocol defines it (AX.25: without FCS) */
    /* The part of raw that is the same wherever this transmission is heard (AX.25: the information field; not
     * the digipeater path). With address_space, unit and to it makes the dedupe hash. */
    uint16_t payload_offset, payload_length;

    uint16_t field_count;
    struct field field[MESSAGE_FIELDS_MAX];
    uint16_t text_used;
    char text[MESSAGE_TEXT_MAX];
};

/* A flag: what bears neither name nor check may have been a call for help. It raises nobody, but whoever
 * watches the channel is told. */
#define MESSAGE_SUSPECT "suspect"

/* Empties `message` and gives it the row's names. Every figure becomes unknown. */
void message_reset(struct message *message, const char *protocol, const char *address_space);

/* Add a field. Beyond the caps a field is left out and ATALAYA_E_FULL returned; the message stays valid. Real
 * values that are not finite are left out silently: unknown is absent. Text is stored as it came, any bytes
 * but it is NUL-terminated; the JSON writer makes it valid UTF-8. */
enum atalaya_result message_add_integer(struct message *message, const char *name, int64_t value);
enum atalaya_result message_add_real(struct message *message, const char *name, double value);
enum atalaya_result message_add_boolean(struct message *message, const char *name, bool value);
enum atalaya_result message_add_text(struct message *message, const char *name, const void *bytes,
                                     size_t length);
/* Like message_add_text for a C string. */
enum atalaya_result message_add_string(struct message *message, const char *name, const char *string);
/* Makes the field added last an element of an array. */
void message_last_is_element(struct message *message);

/* The n-th (from 0) field called name, or NULL. */
const struct field *message_field(const struct message *message, const char *name, size_t n);
/* Text of the first field called name, NUL-terminated, or NULL. *length may be NULL. */
const char *message_text(const struct message *message, const char *name, size_t *length);
/* Number of the first field called name (integer or real), or `otherwise`. */
double message_number(const struct message *message, const char *name, double otherwise);
/* Boolean of the first field called name, or false. */
bool message_flag(const struct message *message, const char *name);

/* FNV-1a over address space, unit, to and payload, 64 bits: equal at every site that hears the transmission.
 */
uint64_t message_dedupe(const struct message *message);

#endif
