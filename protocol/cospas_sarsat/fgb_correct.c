/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "atalaya/protocol/magnitude.h"
#include "bch.h"
#include "country.h"
#include "fgb_reading.h"

/* What came of correcting a word: bits changed, or BCH_FAILED. */
struct outcome {
    int changed;
    bool guessed;  /* more than the code corrects by itself */
    bool doubtful; /* not believable, but thinkable */
};

/* Corrects the word from bit `first` on. */
static struct outcome correct_word(struct fgb_reading *reading, const struct bch_code *code, unsigned first)
{
    struct outcome outcome = {.changed = BCH_FAILED};
    struct bch_cost cost;
    uint8_t word[BCH_LENGTH_MAX];
    if (!reading->soft) {
        outcome.changed = bch_correct(code, reading->frame.bit + first);
        return outcome;
    }
    int changed = bch_correct_soft(code, reading->soft + first - 25, word, &cost);
    if (changed < 0 || !bch_thinkable(code, &cost))
        return outcome;
    memcpy(reading->frame.bit + first, word, code->length);
    return (struct outcome){changed, changed > code->errors, !bch_believable(code, &cost)};
}

/* Has so much of the second word faded that its few checks can be made to hold with anything? */
static bool has_faded(const struct fgb_reading *reading)
{
    enum { FIRST = 107 - 25, WEAK_PART = 6, WEAK_MOST = 5 };
    int total = 0;
    unsigned weak = 0;
    for (unsigned i = 0; reading->soft && i < FGB_LONG_SOFT; i++)
        total += magnitude(reading->soft[i]);
    for (unsigned i = FIRST; reading->soft && i < FGB_LONG_SOFT; i++)
        weak += WEAK_PART * FGB_LONG_SOFT * magnitude(reading->soft[i]) < total;
    return weak > WEAK_MOST;
}

/* What is sure must not be held back by a guess about where it is: the second word is guessed only behind a
 * first that was guessed itself. */
static struct outcome correct_second(struct fgb_reading *reading, bool guess)
{
    const struct layout *layout = layout_of(&reading->frame);
    struct bit_frame sent = reading->frame;
    struct outcome second = correct_word(reading, &bch_fgb_2, 107);
    bool calibrates = layout && layout->meaning == LAYOUT_CALIBRATION; /* A2.7: its second field is its own */
    bool doubtful = second.doubtful || (second.changed > 0 && has_faded(reading));
    if (doubtful || (second.guessed && !guess) || (second.changed > 0 && calibrates)) {
        reading->frame = sent;
        second = (struct outcome){.changed = BCH_FAILED};
    }
    return second;
}

/* What a doubtful first word must show: a country that exists, a protocol in use, a second word to be
 * believed. */
static bool makes_sense(const struct fgb_reading *reading, const struct outcome *second)
{
    const struct layout *layout = layout_of(&reading->frame);
    return layout && (layout->user || reading->is_long) && second->changed >= 0 &&
           country_name((unsigned)bit_frame_get(&reading->frame, FGB_COUNTRY, 10));
}

static void note_corrected(struct fgb_reading *reading, struct message *message, const struct outcome *first,
                           const struct outcome *second)
{
    reading->corrected = (unsigned)first->changed + (unsigned)(second->changed > 0 ? second->changed : 0);
    message->bits_corrected = reading->corrected;
    message->guessed = first->guessed || first->doubtful || second->guessed;
    if (first->changed > 0)
        (void)message_add_integer(message, "bch1_errors", first->changed);
    if (second->changed > 0)
        (void)message_add_integer(message, "bch2_errors", second->changed);
    if (second->changed < 0)
        (void)message_add_boolean(message, "bch2_failed", true);
}

/* The format flag counts after it has been corrected. A guess needs a second word that holds: what tones and
 * radio traffic make of a burst has none. */
enum atalaya_result fgb_correct(struct fgb_reading *reading, struct message *message)
{
    struct bit_frame *frame = &reading->frame;
    struct outcome second = {.changed = 0}, first = correct_word(reading, &bch_fgb_1, 25);
    if (first.changed < 0)
        return ATALAYA_E_CHECK;
    reading->is_long = frame->bit[25];
    if (reading->is_long && frame->count < FGB_LONG_BITS)
        return ATALAYA_E_LENGTH;
    frame->count = reading->is_long ? FGB_LONG_BITS : FGB_SHORT_BITS;
    if (reading->is_long)
        second = correct_second(reading, first.guessed || first.doubtful);
    if ((first.doubtful && !makes_sense(reading, &second)) || (first.guessed && second.changed < 0))
        return ATALAYA_E_CHECK;
    reading->has_rest = second.changed >= 0;
    note_corrected(reading, message, &first, &second);
    return ATALAYA_OK;
}
