/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/test_burst.h"

#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/band_generator.h"
#include "encode/transmission.h"
#include "channel.h"
#include "tuner.h"

enum { TEXT_MAX = 200, SAYS_MAX = 8 };
static const double lead_s = 0.02, deviation_hz = 3000.0;

struct test_burst {
    struct source_format format;
    unsigned lane;
    const struct protocol_row *row;
    char unit[MESSAGE_ID_MAX];
    uint64_t dedupe[SAYS_MAX]; /* of all that one burst says */
    unsigned says;
    size_t length, done; /* frames of the source */
    float *audio;        /* [size: length]; or */
    struct band_generator *band;
    float complex piece[SOURCE_BLOCK_FRAMES];
};

static bool wants(const struct config_channel *channel, const struct protocol_row *row)
{
    for (unsigned i = 0; i < channel->protocol_count; i++)
        if (strcmp(channel->protocols[i], row->id) == 0)
            return true;
    return false;
}

/* Can the modem be sent, and does the receiver have it? */
static bool hears(const struct config_channel *channel, const struct source_format *format,
                  const struct modem_row *modem)
{
    const struct modem_class *class = modem->class;
    struct modem *tried;
    bool chosen = channel->modem_count == 0, hears_audio;
    for (unsigned i = 0; i < channel->modem_count; i++)
        chosen = chosen || strcmp(channel->modems[i], modem->id) == 0;
    double rate_hz = tuner_rate_hz(format, format->iq ? class->iq_rate_hz : 0.0);
    bool able = class->modulate || (format->iq && class->modulate_iq);
    if (!chosen || !able ||
        channel_modem_create(class, rate_hz, format->iq, &tried, &hears_audio) != ATALAYA_OK)
        return false;
    class->destroy(tried);
    return true;
}

/* The row's words, in a standard that the channel listens for. */
static void words_of(const struct config_channel *channel, const struct protocol *protocol,
                     char text[TEXT_MAX])
{
    const char *variant = NULL, *rest = protocol->self_test;
    for (unsigned i = 0; i < channel->variant_count && !variant; i++)
        if (protocol_variant(protocol, channel->variants[i]))
            variant = channel->variants[i];
    if (variant)
        rest += strcspn(rest, " ");
    (void)snprintf(text, TEXT_MAX, "%s%s", variant ? variant : "", rest);
}

struct ideal {
    struct test_burst *burst;
    struct words *words;
    bool means_something;
};

static void on_ideal(void *context, const struct message *message)
{
    struct ideal *ideal = context;
    struct words_verdict verdict;
    words_judge(ideal->words, message, &verdict);
    ideal->means_something |= verdict.distress != DISTRESS_NONE || verdict.code[0];
    struct test_burst *burst = ideal->burst;
    if (burst->says < SAYS_MAX)
        burst->dedupe[burst->says++] = message_dedupe(message);
    if (!burst->unit[0])
        memcpy(burst->unit, message->unit, sizeof message->unit);
}

/* What the protocol itself makes of the bits. */
static bool is_harmless(struct test_burst *b, struct words *words, const struct transmission *transmission)
{
    struct ideal ideal = {.burst = b, .words = words};
    struct protocol_output output = {.message = on_ideal, .context = &ideal};
    b->says = 0;
    b->unit[0] = '\0';
    transmission_hear(transmission, &output);
    return b->says > 0 && !ideal.means_something;
}

/* Fills transmission (bits last until the next one is made). */
static bool say(struct test_burst *b, const struct config_channel *channel, struct words *words,
                const struct protocol_row *row, struct transmission *transmission)
{
    char text[TEXT_MAX], why[TEXT_MAX];
    if (!row->protocol->self_test || !row->transmits)
        return false;
    words_of(channel, row->protocol, text);
    for (size_t m = 0; m < modem_table_size; m++) {
        const struct transmission_settings settings = {.protocol = row->id, .modem = modem_table[m].id};
        if (!protocol_uses_modem(row, modem_table[m].id) || !hears(channel, &b->format, &modem_table[m]) ||
            !transmission_make(&settings, text, strlen(text), transmission, why, sizeof why) ||
            !is_harmless(b, words, transmission))
            continue;
        b->row = row;
        return true;
    }
    return false;
}

static enum atalaya_result make_audio(struct test_burst *b, const struct transmission *transmission)
{
    const struct modem_class *class = transmission->modem->class;
    double rate_hz = b->format.rate_hz;
    b->length = class->modulate_length(rate_hz, transmission->bit_count);
    b->audio = calloc(b->length + 1, sizeof *b->audio);
    if (!b->audio)
        return ATALAYA_E_MEMORY;
    size_t made =
        class->modulate(rate_hz, transmission->bits, transmission->bit_count, b->audio, b->length + 1);
    return made > 0 ? ATALAYA_OK : ATALAYA_E_UNSUPPORTED;
}

/* The generator makes a burst when it begins: that is done here, so that nothing is allocated later, and as
 * nothing is read behind the burst's end nothing is given back either. */
static enum atalaya_result make_band(struct test_burst *b, const struct config_channel *channel,
                                     const struct transmission *transmission)
{
    const struct band_burst burst = {.modem = transmission->modem->class,
                                     .bits = transmission->bits,
                                     .bit_count = transmission->bit_count,
                                     .start_s = lead_s,
                                     .offset_hz = tuner_offset_hz(&b->format, channel),
                                     .deviation_hz = deviation_hz};
    enum atalaya_result result = band_generator_create(&b->band, b->format.rate_hz, -(double)INFINITY, 1);
    if (result == ATALAYA_OK)
        result = band_generator_add(b->band, &burst);
    if (result != ATALAYA_OK)
        return result;
    size_t before = (size_t)(lead_s * b->format.rate_hz) + 1;
    b->length = (size_t)(band_generator_end_s(b->band) * b->format.rate_hz) - before;
    for (size_t some; before > 0 && result == ATALAYA_OK; before -= some) {
        some = before < SOURCE_BLOCK_FRAMES ? before : SOURCE_BLOCK_FRAMES;
        result = band_generator_read(b->band, b->piece, some);
    }
    return result;
}

enum atalaya_result test_burst_create(const struct config_channel *channel,
                                      const struct source_format *format, struct words *words,
                                      struct test_burst **burst)
{
    struct transmission transmission;
    struct test_burst *b = calloc(1, sizeof *b);
    if (!b)
        return ATALAYA_E_MEMORY;
    b->format = *format;
    b->lane = channel->lane;
    bool said = false;
    for (size_t i = 0; i < protocol_table_size && !said; i++)
        said =
            wants(channel, &protocol_table[i]) && say(b, channel, words, &protocol_table[i], &transmission);
    enum atalaya_result result = ATALAYA_E_UNSUPPORTED;
    if (said)
        result = format->iq ? make_band(b, channel, &transmission) : make_audio(b, &transmission);
    if (result != ATALAYA_OK) {
        test_burst_destroy(b);
        return result;
    }
    *burst = b;
    return ATALAYA_OK;
}

const struct protocol_row *test_burst_protocol(const struct test_burst *burst)
{
    return burst->row;
}

bool test_burst_is(const struct test_burst *burst, const struct message *message)
{
    uint64_t dedupe = message_dedupe(message);
    for (unsigned i = 0; i < burst->says; i++)
        if (burst->dedupe[i] == dedupe)
            return true;
    return false;
}

bool test_burst_resembles(const struct test_burst *burst, const struct message *message)
{
    return burst->unit[0] && strcmp(message->unit, burst->unit) == 0 &&
           strcmp(message->address_space, burst->row->protocol->address_space) == 0;
}

bool test_burst_mix(struct test_burst *b, float amplitude, float *samples, size_t frames)
{
    size_t some = b->length - b->done < frames ? b->length - b->done : frames;
    if (b->audio)
        for (size_t i = 0; i < some; i++)
            samples[i * b->format.lanes + b->lane] += amplitude * b->audio[b->done + i];
    else if (some > 0 && some <= SOURCE_BLOCK_FRAMES &&
             band_generator_read(b->band, b->piece, some) == ATALAYA_OK)
        for (size_t i = 0; i < some; i++) {
            samples[2 * i] += amplitude * crealf(b->piece[i]);
            samples[2 * i + 1] += amplitude * cimagf(b->piece[i]);
        }
    b->done += some;
    return b->done < b->length;
}

void test_burst_destroy(struct test_burst *burst)
{
    if (!burst)
        return;
    band_generator_destroy(burst->band);
    free(burst->audio);
    free(burst);
}
