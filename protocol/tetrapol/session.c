/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <string.h>

enum {
    FCS_EVIDENCE_BITS = 16,
    REPEAT_BITS = 2 * TETRAPOL_BIT_RATE,     /* the same frame again within this is a repetition */
    BESIDE_BITS = 10 * TETRAPOL_BIT_RATE,    /* how far an identity may stand from an alarm */
    WAIT_BITS = 4 * TETRAPOL_BIT_RATE,       /* how long an alarm waits for one before it is nobody's */
    LASTS_BITS = 2 * TETRAPOL_BIT_RATE / 25, /* 80 ms: longer than one frame of it, which a note may be */
    STANDS_BITS = TETRAPOL_BIT_RATE,         /* longer than notes are */
    ASB_VOICE = 2, /* of the two auxiliary bits: the frame belongs to the voice channel */
    U_EMERGENCY_REQ = 0x81
};

void tetrapol_session_reset(struct tetrapol_session *session)
{
    memset(session, 0, sizeof *session);
}

static void emit(struct tetrapol_session *session, struct protocol_output *output)
{
    const struct message *message = &session->message;
    output->counts.messages++;
    output->counts.repaired += message->bits_corrected > 0;
    output->message(output->context, message);
}

static void message_begin(struct tetrapol_session *session, uint64_t first_bit, uint64_t end_bit)
{
    message_reset(&session->message, "tetrapol", "tetrapol");
    session->message.first_bit = first_bit;
    session->message.end_bit = end_bit;
}

static void raw_set(struct message *message, const uint8_t *raw, size_t length)
{
    memcpy(message->raw, raw, length);
    message->raw_length = (uint16_t)length;
    message->payload_length = (uint16_t)length;
}

static void add_channel(struct tetrapol_session *session)
{
    struct message *message = &session->message;
    (void)message_add_string(message, "band", tetrapol_band_text(session->channel.band));
    (void)message_add_integer(message, "scr", session->channel.scr);
}

/* An event that no frame of its own carries. */
static void event_set(struct message *message, enum tetrapol_event event, const char *name)
{
    uint8_t code = (uint8_t)event;
    raw_set(message, &code, 1);
    message->kind = MESSAGE_STATUS;
    (void)message_add_string(message, "event", name);
}

static void unit_set(struct message *message, const char *unit)
{
    memcpy(message->unit, unit, TETRAPOL_RFSI_TEXT);
}

static void announce(struct tetrapol_session *session, const uint8_t *raw, struct protocol_output *output)
{
    struct message *message = &session->message;
    session->announced = true;
    message_begin(session, session->first_bit, session->end_bit);
    if (raw) {
        raw_set(message, raw, TETRAPOL_SPEECH_BYTES);
        (void)tetrapol_parse(message);
    } else
        event_set(message, TETRAPOL_EVENT_START, "transmission_start");
    add_channel(session);
    message->bits_corrected = session->corrected;
    emit(session, output);
}

static void finish(struct tetrapol_session *session, struct protocol_output *output)
{
    struct message *message = &session->message;
    bool announced = session->announced;
    session->open = session->announced = session->over = false;
    if (!announced)
        return;
    message_begin(session, session->first_bit, session->end_bit);
    if (session->ends) {
        raw_set(message, session->end_raw, sizeof session->end_raw);
        (void)tetrapol_parse(message);
    } else
        event_set(message, TETRAPOL_EVENT_END, "transmission_end");
    unit_set(message, session->unit);
    add_channel(session);
    (void)message_add_string(message, "ended", session->ends ? "signalled" : "lost");
    (void)message_add_real(message, "transmission_s",
                           (double)(session->end_bit - session->first_bit) / TETRAPOL_BIT_RATE);
    (void)message_add_integer(message, "frames_voice", session->voice);
    (void)message_add_integer(message, "frames_data", session->data);
    (void)message_add_integer(message, "frames_lost", session->lost);
    message->bits_corrected = session->corrected;
    emit(session, output);
}

static void begin(struct tetrapol_session *session, const struct tetrapol_track *track)
{
    session->open = true;
    session->announced = session->ends = session->over = false;
    session->first_bit = track->frame_first_bit;
    session->voice = session->data = session->lost = session->corrected = 0;
    session->channel = track->channel;
    session->unit[0] = '\0';
    memset(session->recent, 0, sizeof session->recent); /* who speaks again names himself again */
    tetrapol_blocks_reset(&session->blocks);
}

static void count_frame(struct tetrapol_session *session, const struct tetrapol_track *track)
{
    const struct tetrapol_frame *frame = &track->frame;
    if (!frame->good)
        return;
    /* Frames missed at the end of a transmission were none: they count when a good one follows. */
    session->lost += session->voice + session->data > 0
                         ? (unsigned)((track->frame_first_bit - session->end_bit) / TETRAPOL_FRAME_BITS)
                         : 0;
    session->end_bit = track->frame_first_bit + TETRAPOL_FRAME_BITS;
    session->voice += !frame->is_data;
    session->data += frame->is_data;
    session->corrected += frame->corrected;
}

static bool is_repeated(struct tetrapol_session *session, const struct tetrapol_link_frame *heard)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (size_t i = 0; i < heard->length; i++)
        hash = (hash ^ heard->byte[i]) * UINT64_C(0x100000001b3);
    for (unsigned i = 0; i < TETRAPOL_RECENT_MAX; i++)
        if (session->recent[i].hash == hash && session->end_bit - session->recent[i].bit < REPEAT_BITS) {
            session->recent[i].bit = session->end_bit;
            return true;
        }
    session->recent[session->recent_next].hash = hash;
    session->recent[session->recent_next].bit = session->end_bit;
    session->recent_next = (session->recent_next + 1) % TETRAPOL_RECENT_MAX;
    return false;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

/* Was a radio heard beside the alarm? Alone, without identity or check, it is also what some notes of 500 Hz
 * look like, to the last bit. */
static bool has_company(const struct tetrapol_session *session)
{
    return session->company && distance(session->company_bit, session->alarm_bit) <= BESIDE_BITS;
}

/* May it be a distress of nobody known? Alone it must stand for longer than notes do. */
static bool is_call(const struct tetrapol_session *session)
{
    return has_company(session) || session->alarm_lasts >= STANDS_BITS;
}

/* An alarm carries no identity: it is a distress of the radio that named itself beside it. nobodys: when none
 * did, perhaps of nobody known. */
static void alarm_emit(struct tetrapol_session *session, uint64_t bit, bool nobodys,
                       struct protocol_output *output)
{
    struct message *message = &session->message;
    const bool named = session->caller[0] != '\0', distress = nobodys && !named && is_call(session);
    message_begin(session, bit - TETRAPOL_FRAME_BITS, bit);
    event_set(message, distress ? TETRAPOL_EVENT_EMERGENCY_UNNAMED : TETRAPOL_EVENT_EMERGENCY,
              "emergency_pattern");
    (void)message_add_boolean(message, "experimental", true);
    if (named)
        unit_set(message, session->caller);
    if (named || distress) {
        message->distress = DISTRESS_RAISED;
        message->guessed = !named && (!has_company(session) || session->alarm_lasts < LASTS_BITS);
        (void)message_add_string(message, "identity", named ? "heard beside the pattern" : "not heard");
        (void)message_add_string(message, "status", "direct-mode emergency pattern (experimental)");
    } else
        (void)message_add_boolean(message, MESSAGE_SUSPECT, true);
    emit(session, output);
}

/* A caller was heard at end_bit: is an alarm his? */
static void alarm_name(struct tetrapol_session *session, struct protocol_output *output)
{
    if (!session->alarm_open || distance(session->alarm_bit, session->end_bit) > BESIDE_BITS)
        return;
    session->alarm_open = false;
    alarm_emit(session, session->alarm_bit, true, output);
}

void tetrapol_session_alarm(struct tetrapol_session *session, uint64_t end_bit,
                            struct protocol_output *output)
{
    if (distance(session->caller_bit, end_bit) > BESIDE_BITS)
        session->caller[0] = '\0';
    bool named = session->caller[0] != '\0',
         goes_on = session->alarm_open && distance(session->alarm_bit, end_bit) <= BESIDE_BITS;
    session->alarm_bit = end_bit;
    if (!goes_on) {
        session->alarm_first_bit = end_bit;
        session->alarm_told = false;
        session->alarm_lasts = 0;
    }
    session->alarm_open = !named;
    alarm_emit(session, end_bit, session->alarm_told, output);
}

void tetrapol_session_wait(struct tetrapol_session *session, uint64_t now_bit, unsigned lasts,
                           struct protocol_output *output)
{
    session->alarm_lasts = lasts > session->alarm_lasts ? lasts : session->alarm_lasts;
    if (!session->alarm_open || session->alarm_told || now_bit - session->alarm_first_bit < WAIT_BITS ||
        !is_call(session))
        return;
    session->alarm_told = true;
    session->caller[0] = '\0';
    alarm_emit(session, session->alarm_bit, true, output);
}

/* The first TSDU byte of a UI frame asks for help, and the radio named itself in the same transmission. */
static void judge_distress(struct tetrapol_session *session)
{
    struct message *message = &session->message;
    const char *name = message_text(message, "codop_name", NULL);
    bool is_ui = (message->raw[2] & 0xef) == TETRAPOL_UI;
    if (!is_ui || !name || message_number(message, "codop", 0) != U_EMERGENCY_REQ || !session->unit[0])
        return;
    unit_set(message, session->unit);
    message->distress = DISTRESS_RAISED;
    (void)message_add_boolean(message, "experimental", true);
    (void)message_add_string(message, "identity", "heard beside the request");
    (void)message_add_string(message, "status", "emergency request (experimental)");
}

static void frame_emit(struct tetrapol_session *session, const struct tetrapol_link_frame *heard,
                       struct protocol_output *output)
{
    struct message *message = &session->message;
    message_begin(session, session->end_bit - heard->blocks * TETRAPOL_FRAME_BITS, session->end_bit);
    raw_set(message, heard->byte, heard->length - TETRAPOL_FCS_BYTES);
    if (tetrapol_parse(message) != ATALAYA_OK) {
        output->counts.format++;
        return;
    }
    judge_distress(session);
    (void)message_add_integer(message, "asb", heard->asb);
    (void)message_add_string(message, "logical_channel", heard->asb & ASB_VOICE ? "vch" : "sch");
    add_channel(session);
    if (heard->rebuilt)
        (void)message_add_boolean(message, "block_rebuilt", true);
    message->bits_corrected = heard->corrected;
    bool named = message_text(message, "rfsi", NULL) != NULL;
    if (named) {
        memcpy(session->unit, message->unit, sizeof session->unit);
        memcpy(session->caller, message->unit, sizeof session->caller);
        session->caller_bit = session->end_bit;
    }
    emit(session, output);
    if (named)
        alarm_name(session, output);
}

/* A frame whose FCS held. */
static void frame_judge(struct tetrapol_session *session, struct tetrapol_track *track,
                        const struct tetrapol_link_frame *heard, struct protocol_output *output)
{
    size_t length = heard->length - TETRAPOL_FCS_BYTES;
    int codop = tetrapol_voice_codop(heard->byte, length);
    bool starts = codop == TETRAPOL_U_START_SPEECH;
    bool ends = codop >= TETRAPOL_U_END_SPEECH && codop <= TETRAPOL_END_SPEECH_LAST;
    bool fresh = !is_repeated(session, heard), was_announced = session->announced;
    if (!session->announced)
        announce(session, starts ? heard->byte : NULL, output);
    if (ends) {
        if (!session->ends)
            memcpy(session->end_raw, heard->byte, sizeof session->end_raw);
        session->ends = true;
        session->over = codop == TETRAPOL_END_SPEECH_LAST;
        tetrapol_track_expect_end(track);
    } else if ((!starts || was_announced) && fresh)
        frame_emit(session, heard, output);
}

static void frame_take(struct tetrapol_session *session, struct tetrapol_track *track,
                       struct protocol_output *output)
{
    struct tetrapol_link_frame heard;
    bool holds = false;
    if (track->frame.is_data || !track->frame.good) {
        enum tetrapol_blocks_result result = tetrapol_blocks_push(&session->blocks, &track->frame, &heard);
        holds = result == TETRAPOL_BLOCKS_FRAME;
        output->counts.check += result == TETRAPOL_BLOCKS_CHECK && track->believed;
    }
    if (holds)
        tetrapol_track_support(track, FCS_EVIDENCE_BITS);
    if (!track->believed)
        return;
    if (holds && !heard.idle)
        frame_judge(session, track, &heard, output);
    else if (!session->announced)
        announce(session, NULL, output);
}

void tetrapol_session_execute(struct tetrapol_session *session, struct tetrapol_track *track,
                              enum tetrapol_track_event event, struct protocol_output *output)
{
    if (event == TETRAPOL_TRACK_NONE)
        return;
    if (event == TETRAPOL_TRACK_FIRST) {
        if (session->open)
            finish(session, output);
        begin(session, track);
    }
    if (event == TETRAPOL_TRACK_LOST) {
        finish(session, output);
        return;
    }
    count_frame(session, track);
    frame_take(session, track, output);
    if (track->believed && track->frame.good) {
        session->company = true;
        session->company_bit = session->end_bit;
    }
    if (session->over) { /* nothing follows the last end */
        track->locked = false;
        finish(session, output);
    }
}
