/* SPDX-License-Identifier: Apache-2.0 */
#include "meaning.h"

#include <stdbool.h>
#include <string.h>

#include "atalaya/tones.h"
#include "search.h"

enum {
    ADDRESS = SELECT5_TONES,
    CALL_LONG = 2 * ADDRESS + 1, /* addressee, what stands between, caller */
    SINGLE_MOST = 8,             /* an address with a status behind it */
    ODD_LETTER = 1,              /* costs of a reading */
    NO_FORM = 20
};
static const char letters[SELECT5_LETTERS + 1] = "0123456789ABCDEF";

/* How one standard reads the tones. */
struct reading {
    const struct select5_standard *standard;
    unsigned cost;
    char code[SELECT5_TONES_MOST + 1]; /* repeats written out; '-' = pause */
    bool well_formed, has_two;
};

void select5_write_raw(struct message *message, unsigned tone_ms, const uint8_t *tones, unsigned count)
{
    message->raw[0] = (uint8_t)tone_ms;
    message->raw_length = 1;
    for (unsigned i = 0; i < count && i < SELECT5_TONES_MOST; i++) {
        unsigned hz = tones[i] == SELECT5_PAUSE ? 0 : tone_hz(tones[i]);
        message->raw[message->raw_length++] = (uint8_t)(hz >> 8);
        message->raw[message->raw_length++] = (uint8_t)hz;
    }
}

unsigned select5_read_raw(const struct message *message, unsigned *tone_ms, uint8_t *tones)
{
    unsigned count = message->raw_length / 2;
    if (message->raw_length % 2 == 0 || count < SELECT5_TONES || count > SELECT5_TONES_MOST)
        return 0;
    *tone_ms = message->raw[0];
    for (unsigned i = 0; i < count; i++) {
        unsigned hz = (unsigned)message->raw[2 * i + 1] << 8 | message->raw[2 * i + 2], tone = 0;
        while (tone < TONE_COUNT && tone_hz(tone) != hz)
            tone++;
        if (hz && tone == TONE_COUNT)
            return 0;
        tones[i] = hz ? (uint8_t)tone : SELECT5_PAUSE;
    }
    return count;
}

/* Letters of one address or of a lone telegram, repeats written out. False: a pause inside it, a repeat of
 * nothing, or two equal tones in a row, which nobody can tell from one. */
static bool read_letters(const struct select5_standard *standard, const uint8_t *tones, unsigned count,
                         char *code, unsigned *cost)
{
    bool good = true;
    for (unsigned i = 0; i < count; i++) {
        unsigned letter = select5_letter(standard, tones[i]);
        good = good && letter < SELECT5_LETTERS &&
               (i == 0 ? letter != SELECT5_REPEAT : tones[i] != tones[i - 1]);
        code[i] = letter == SELECT5_REPEAT && i > 0 ? code[i - 1] : letters[letter];
        *cost += letter > 9 && letter != SELECT5_REPEAT ? ODD_LETTER : 0;
    }
    code[count] = '\0';
    return good;
}

static bool all_known(const struct select5_standard *standard, const uint8_t *tones, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (tones[i] != SELECT5_PAUSE && select5_letter(standard, tones[i]) == SELECT5_LETTERS)
            return false;
    return true;
}

static void read_as(const struct select5_standard *standard, const uint8_t *tones, unsigned count,
                    struct reading *reading)
{
    unsigned between =
        count == CALL_LONG && tones[ADDRESS] != SELECT5_PAUSE ? select5_letter(standard, tones[ADDRESS]) : 0;
    *reading = (struct reading){.standard = standard};
    reading->has_two = count == CALL_LONG && (tones[ADDRESS] == SELECT5_PAUSE || between > 9);
    if (reading->has_two) {
        bool to = read_letters(standard, tones, ADDRESS, reading->code, &reading->cost);
        bool from =
            read_letters(standard, tones + ADDRESS + 1, ADDRESS, reading->code + ADDRESS + 1, &reading->cost);
        bool apart = tones[ADDRESS] != tones[ADDRESS - 1] || between == SELECT5_REPEAT;
        reading->code[ADDRESS] = '-';
        reading->well_formed = to && from && apart && tones[ADDRESS] != tones[ADDRESS + 1];
    } else {
        bool pause = memchr(tones, SELECT5_PAUSE, count) != NULL;
        reading->well_formed = !pause && count <= SINGLE_MOST;
        if (!pause && !read_letters(standard, tones, count, reading->code, &reading->cost))
            reading->well_formed = false;
    }
    reading->cost += reading->well_formed ? 0 : NO_FORM;
}

static void describe(struct message *message, const struct reading *reading, unsigned between)
{
    message->kind = MESSAGE_QUERY;
    (void)message_add_string(message, "meaning", "selective_call");
    (void)message_add_string(message, "standard", reading->standard->name);
    (void)message_add_string(message, "code", reading->code);
    if (!reading->has_two) {
        memcpy(message->unit, reading->code, strlen(reading->code) + 1);
        return;
    }
    memcpy(message->to, reading->code, ADDRESS);
    message->to[ADDRESS] = '\0';
    memcpy(message->unit, reading->code + ADDRESS + 1, ADDRESS + 1);
    if (between < SELECT5_LETTERS)
        (void)message_add_text(message, "between", &letters[between], 1);
}

/* Which standards the sender may have meant as well, with another number or the same. */
static void add_alternatives(struct message *message, const struct reading *best, const uint8_t *tones,
                             unsigned count, uint32_t allowed)
{
    for (unsigned s = 0; s < SELECT5_STANDARDS; s++) {
        const struct select5_standard *standard = &select5_standards[s];
        struct reading other;
        if (standard == best->standard || !(allowed >> s & 1) ||
            standard->tone_ms != best->standard->tone_ms || !all_known(standard, tones, count))
            continue;
        read_as(standard, tones, count, &other);
        if (other.cost != best->cost)
            continue;
        (void)message_add_string(message, "or_standard", standard->name);
        message_last_is_element(message);
    }
}

enum atalaya_result select5_read(struct message *message, uint32_t allowed)
{
    uint8_t tones[SELECT5_TONES_MOST];
    struct reading best = {.standard = NULL}, reading;
    unsigned tone_ms, count = select5_read_raw(message, &tone_ms, tones);
    for (unsigned s = 0; s < SELECT5_STANDARDS && count > 0; s++) {
        const struct select5_standard *standard = &select5_standards[s];
        if (!(allowed >> s & 1) || standard->tone_ms != tone_ms || !all_known(standard, tones, count))
            continue;
        read_as(standard, tones, count, &reading);
        if (!best.standard || reading.cost < best.cost)
            best = reading;
    }
    if (!best.standard)
        return ATALAYA_E_FORMAT;
    message->payload_length = message->raw_length;
    if (!best.well_formed) {
        message->well_formed = false;
        return message_add_string(message, "fault", "tones in no known order");
    }
    describe(message, &best,
             best.has_two && tones[ADDRESS] != SELECT5_PAUSE ? select5_letter(best.standard, tones[ADDRESS])
                                                             : SELECT5_LETTERS);
    add_alternatives(message, &best, tones, count, allowed);
    return ATALAYA_OK;
}

/* Letters to tones, repeats as such; false: something else among them. */
static bool write_letters(const struct select5_standard *standard, const char *code, uint8_t *tones)
{
    for (unsigned i = 0; code[i]; i++) {
        const char *letter = memchr(letters, code[i], SELECT5_LETTERS);
        if (!letter || letter - letters == SELECT5_REPEAT)
            return false;
        bool again = i > 0 && code[i] == code[i - 1] && tones[i - 1] != standard->tone[SELECT5_REPEAT];
        tones[i] = standard->tone[again ? SELECT5_REPEAT : letter - letters];
    }
    return true;
}

enum atalaya_result select5_write(struct message *message)
{
    uint8_t tones[SELECT5_TONES_MOST];
    const char *name = message_text(message, "standard", NULL),
               *between = message_text(message, "between", NULL);
    const struct select5_standard *standard = name ? NULL : &select5_standards[0];
    size_t count = strlen(message->unit), to = strlen(message->to);
    for (unsigned s = 0; s < SELECT5_STANDARDS && name; s++)
        if (strcmp(select5_standards[s].name, name) == 0)
            standard = &select5_standards[s];
    if (!standard || count < ADDRESS || count > (to ? ADDRESS : SINGLE_MOST) || (to && to != ADDRESS))
        return ATALAYA_E_UNSUPPORTED;
    if (!write_letters(standard, to ? message->to : message->unit, tones))
        return ATALAYA_E_UNSUPPORTED;
    if (to) {
        const char *letter = between ? memchr(letters + 10, between[0], SELECT5_LETTERS - 10) : NULL;
        if (between && !letter)
            return ATALAYA_E_UNSUPPORTED;
        tones[ADDRESS] = letter ? standard->tone[letter - letters] : SELECT5_PAUSE;
        if (!write_letters(standard, message->unit, tones + ADDRESS + 1))
            return ATALAYA_E_UNSUPPORTED;
        count = CALL_LONG;
    }
    select5_write_raw(message, standard->tone_ms, tones, (unsigned)count);
    message->payload_length = message->raw_length;
    return ATALAYA_OK;
}
