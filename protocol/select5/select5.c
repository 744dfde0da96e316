/* SPDX-License-Identifier: Apache-2.0 */
/* Selective calling in five tones: telegrams to calls, calls to telegrams. Addressee and caller come as two
 * telegrams with a short pause between, or as one with a tone between; a lone telegram is its sender's. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "atalaya/protocol/protocol.h"
#include "meaning.h"
#include "search.h"

enum {
    PAUSE_MS = 100,      /* between two telegrams, as sent */
    PAUSE_MOST_MS = 350, /* as received: who answers a call takes longer */
    /* Until it is known that no second telegram begins: the pause, and the frames that show a tone. */
    PATIENCE = PAUSE_MOST_MS / TONES_HOP_MS + 8,
    TAIL = 4,  /* frames of silence behind the last tone */
    CHANGE = 8 /* frames without a steady tone where one tone follows another */
};

struct select5_state {
    struct tone_frames frames;
    struct select5_search search;
    uint32_t allowed; /* standards that are meant */
    bool waiting;     /* `first` may be the first half of a call */
    struct select5_telegram first;
    uint64_t sounded; /* frame in which a tone of its family was heard last */
};

static void select5_reset(void *state)
{
    struct select5_state *select5 = state;
    memset(select5, 0, sizeof *select5);
    select5_search_reset(&select5->search);
    select5->allowed = SELECT5_ALL;
}

static void select5_choose(void *state, uint32_t chosen)
{
    struct select5_state *select5 = state;
    select5->allowed = chosen;
    select5_search_allow(&select5->search, chosen);
}

static void hand_over(const struct select5_state *select5, const struct select5_telegram *first,
                      const struct select5_telegram *second, struct protocol_output *output)
{
    struct message message;
    uint8_t tones[SELECT5_TONES_MOST];
    unsigned count = first->count;
    message_reset(&message, "select5", "select5");
    memcpy(tones, first->tone, count);
    if (second) {
        tones[count++] = SELECT5_PAUSE;
        memcpy(tones + count, second->tone, second->count);
        count += second->count;
    }
    select5_write_raw(&message, first->tone_ms, tones, count);
    message.first_bit = (uint64_t)lrintf(first->start) * TONES_FRAME;
    message.end_bit = (uint64_t)lrintf(second ? second->end : first->end) * TONES_FRAME;
    if (first->headless || (second && second->headless)) {
        output->counts.length++;
        return;
    }
    if (select5_read(&message, select5->allowed) != ATALAYA_OK) {
        output->counts.format++;
        return;
    }
    output->counts.messages++;
    output->message(output->context, &message);
}

static void hand_over_first(struct select5_state *select5, struct protocol_output *output)
{
    if (select5->waiting)
        hand_over(select5, &select5->first, NULL, output);
    select5->waiting = false;
}

static bool belong_together(const struct select5_telegram *first, const struct select5_telegram *second)
{
    float pause_ms = (second->start - first->end) * TONES_HOP_MS;
    return first->family == second->family && first->tone_ms == second->tone_ms &&
           second->count == SELECT5_TONES && pause_ms <= PAUSE_MOST_MS;
}

static void on_telegram(struct select5_state *select5, struct protocol_output *output)
{
    const struct select5_telegram *telegram = &select5->search.telegram;
    if (select5->waiting && belong_together(&select5->first, telegram)) {
        hand_over(select5, &select5->first, telegram, output);
        select5->waiting = false;
        return;
    }
    hand_over_first(select5, output);
    if (telegram->count == SELECT5_TONES) {
        select5->first = *telegram;
        select5->waiting = true;
    } else {
        hand_over(select5, telegram, NULL, output);
    }
}

static void on_frame(struct select5_state *select5, const struct tone_frame *frame,
                     struct protocol_output *output)
{
    struct select5_search *search = &select5->search;
    if (select5_search_take(search, frame))
        on_telegram(select5, output);
    if (!select5->waiting || search->phase != PHASE_SEARCH)
        return;
    if (select5_search_sounds(search, select5->first.family))
        select5->sounded = search->now;
    float waited = (float)search->now - select5->first.end;
    float longest = PATIENCE + SELECT5_TONES * select5->first.hop * 1.1F;
    if (waited > longest || (waited > PATIENCE && search->now > select5->sounded + CHANGE))
        hand_over_first(select5, output);
}

static void select5_execute(void *state, const struct soft_run *run, struct protocol_output *output)
{
    struct select5_state *select5 = state;
    struct tone_frame frame;
    bool whole;
    for (size_t i = 0; i < run->count;) {
        i += tone_frames_next(&select5->frames, run, i, &frame, &whole);
        if (whole)
            on_frame(select5, &frame, output);
    }
}

static void select5_finish(void *state, struct protocol_output *output)
{
    struct select5_state *select5 = state;
    const struct tone_frame silence = {.below = {0}};
    for (unsigned i = 0; i < PATIENCE + SELECT5_SETTLED; i++)
        on_frame(select5, &silence, output);
}

static enum atalaya_result select5_parse(struct message *message)
{
    return select5_read(message, SELECT5_ALL);
}

/* Only what would be understood as a call is sent. */
static bool is_call(const struct message *message)
{
    struct message call;
    message_reset(&call, message->protocol, message->address_space);
    memcpy(call.raw, message->raw, message->raw_length);
    call.raw_length = message->raw_length;
    return select5_read(&call, SELECT5_ALL) == ATALAYA_OK && call.well_formed;
}

/* preamble_bits make the first tone longer, which is what wakes receivers that sleep between looks. */
static size_t select5_transmit(const struct message *message, const struct protocol_transmit *how,
                               uint8_t *bits, size_t max)
{
    uint8_t tones[SELECT5_TONES_MOST];
    unsigned tone_ms, count = select5_read_raw(message, &tone_ms, tones);
    if (count == 0 || !is_call(message) || how->preamble_bits > max || how->tail_bits > max)
        return 0;
    size_t before = (how->preamble_bits + TONES_FRAME - 1) / TONES_FRAME, ms = 0;
    if (count == SELECT5_TONES + 1 || count == 2 * SELECT5_TONES + 2)
        before =
            before < tone_ms / TONES_HOP_MS ? before : tone_ms / TONES_HOP_MS; /* no preamble: see search.c */
    size_t after = TAIL + (how->tail_bits + TONES_FRAME - 1) / TONES_FRAME;
    size_t longest =
        before + (size_t)count * (tone_ms > PAUSE_MS ? tone_ms : PAUSE_MS) / TONES_HOP_MS + 1 + after;
    if (longest > max / TONES_FRAME)
        return 0;
    memset(bits, 0, longest * TONES_FRAME);
    for (unsigned i = 0; i < count; i++) {
        size_t from = i == 0 ? 0 : before + (ms + TONES_HOP_MS / 2) / TONES_HOP_MS;
        ms += tones[i] == SELECT5_PAUSE ? PAUSE_MS : tone_ms;
        if (tones[i] != SELECT5_PAUSE)
            tone_frames_put(bits, from, before + (ms + TONES_HOP_MS / 2) / TONES_HOP_MS, tones[i]);
    }
    return (before + ms / TONES_HOP_MS + after) * TONES_FRAME;
}

/* "zvei1 12345", "ccir1 23533 00501" (addressee, caller), "zvei1 18516 76845 C" (a tone between). */
static enum atalaya_result select5_from_text(struct message *message, const char *line, size_t length)
{
    char word[4][MESSAGE_ID_MAX] = {{0}};
    unsigned words = 0, at = 0;
    for (size_t i = 0; i <= length; i++) {
        bool space = i == length || isspace((unsigned char)line[i]);
        if (space && at > 0) {
            words++;
            at = 0;
        } else if (!space) {
            if (words == 4 || at + 1 == MESSAGE_ID_MAX)
                return ATALAYA_E_FORMAT;
            word[words][at++] = line[i];
        }
    }
    if (words < 2)
        return ATALAYA_E_FORMAT;
    struct message composed;
    message_reset(&composed, message->protocol, message->address_space);
    (void)message_add_string(&composed, "standard", word[0]);
    memcpy(composed.unit, word[words > 2 ? 2 : 1], MESSAGE_ID_MAX);
    if (words > 2)
        memcpy(composed.to, word[1], MESSAGE_ID_MAX);
    if (words > 3)
        (void)message_add_string(&composed, "between", word[3]);
    if (select5_write(&composed) != ATALAYA_OK)
        return ATALAYA_E_FORMAT;
    memcpy(message->raw, composed.raw, composed.raw_length);
    message->raw_length = composed.raw_length;
    return select5_read(message, SELECT5_ALL);
}

static size_t append(char *text, size_t size, size_t length, const char *word)
{
    for (; *word && length + 1 < size; word++)
        text[length++] = *word;
    return length;
}

static size_t select5_to_text(const struct message *message, char *text, size_t size)
{
    const char *standard = message_text(message, "standard", NULL),
               *between = message_text(message, "between", NULL);
    size_t length = 0;
    if (size == 0)
        return 0;
    length = append(text, size, length, standard ? standard : "?");
    for (unsigned i = 0; i < 3; i++) {
        const char *word = i == 0 ? message->to : i == 1 ? message->unit : between ? between : "";
        if (*word)
            length = append(text, size, append(text, size, length, " "), word);
    }
    text[length] = '\0';
    return length;
}

const struct protocol protocol_select5 = {
    .address_space = "select5",
    .state_size = sizeof(struct select5_state),
    .reset = select5_reset,
    .execute = select5_execute,
    .variants = "zvei1 zvei2 zvei3 pzvei dzvei ccir1 ccir7 eea eia", /* in the order of standards.c */
    .choose = select5_choose,
    .finish = select5_finish,
    .parse = select5_parse,
    .compose = select5_write,
    .transmit = select5_transmit,
    .text_form = "select5",
    .from_text = select5_from_text,
    .self_test = "zvei1 00000",
    .to_text = select5_to_text,
};
