/* SPDX-License-Identifier: Apache-2.0 */
/* A strong signal on the channel beside costs little: 60 dB above, modulated as EN 300 086 has it (400 Hz, 60
 * % of the deviation of a channel of 12.5 kHz), less than a decibel. Data on the channel beside, whose own
 * sidebands reach farther, must not carry the receiver away while it waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "atalaya/dsp/band_generator.h"
#include "atalaya/dsp/impair.h"
#include "atalaya/gateway/receiver.h"

enum { FRAMES = 40, PIECE = 4000 };
#define RATE_HZ      250e3
#define CENTRE_HZ    144.8e6
#define NOISE_DBFS   -75.0
#define BEFORE_S     1.0
#define STEP_S       0.7
#define WANTED_HZ    12500.0
#define NEIGHBOUR_HZ 25000.0

static char path[] = "/tmp/atalaya-neighbour-XXXXXX";
static bool heard[FRAMES];

/* A transmitter that sends a tone: bits say only for how long. */
static size_t tone_length(double rate_hz, size_t bit_count)
{
    return (size_t)((double)bit_count * rate_hz / 1000.0);
}

static size_t tone_modulate(double rate_hz, const uint8_t *bits, size_t bit_count, float *audio, size_t max)
{
    size_t count = tone_length(rate_hz, bit_count);
    (void)bits;
    for (size_t i = 0; i < count && count <= max; i++)
        audio[i] = (float)sin(2.0 * M_PI * remainder(400.0 * (double)i / rate_hz, 1.0));
    return count <= max ? count : 0;
}

static void add_frame(struct band_generator *generator, unsigned index, double cnr_db)
{
    static struct message message;
    static uint8_t bits[4000];
    char text[80];
    const struct protocol_row *row = protocol_find("ax25");
    const struct protocol_transmit how = {.preamble_bits = 160};
    snprintf(text, sizeof text, "N0CALL-9>APZATL:>frame %02u of a radio beside a loud one", index);
    message_reset(&message, "ax25", "ax25");
    assert_int_equal(row->protocol->from_text(&message, text, strlen(text)), ATALAYA_OK);
    const struct band_burst burst = {.modem = modem_find("bell202")->class,
                                     .bits = bits,
                                     .bit_count = row->protocol->transmit(&message, &how, bits, sizeof bits),
                                     .start_s = BEFORE_S + index * STEP_S,
                                     .offset_hz = WANTED_HZ,
                                     .level_dbfs = NOISE_DBFS + cnr_db,
                                     .deviation_hz = 2500.0};
    assert_int_equal(band_generator_add(generator, &burst), ATALAYA_OK);
}

struct neighbour {
    double above_db; /* the wanted signal; 0: there is none */
    bool data;       /* Bell 202 of 3 kHz, without a pause; else a tone */
};

static void write_band(double cnr_db, const struct neighbour *beside)
{
    static const struct modem_class tone = {.modulate = tone_modulate, .modulate_length = tone_length};
    static float complex iq[PIECE];
    static uint8_t random_bits[40000];
    const double seconds = BEFORE_S + FRAMES * STEP_S + 0.5;
    struct impair_random random;
    impair_random_seed(&random, 7);
    for (size_t i = 0; i < sizeof random_bits; i++)
        random_bits[i] = impair_random_uniform(&random) < 0.5;
    const struct band_burst neighbour = {.modem = beside->data ? modem_find("bell202")->class : &tone,
                                         .bits = random_bits,
                                         .bit_count = (size_t)(seconds * (beside->data ? 1200.0 : 1000.0)),
                                         .start_s = 0.0,
                                         .offset_hz = NEIGHBOUR_HZ,
                                         .level_dbfs = NOISE_DBFS + cnr_db + beside->above_db,
                                         .deviation_hz = beside->data ? 3000.0 : 1500.0};
    struct band_generator *generator;
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(band_generator_create(&generator, RATE_HZ, NOISE_DBFS, 5), ATALAYA_OK);
    for (unsigned i = 0; i < FRAMES; i++)
        add_frame(generator, i, cnr_db);
    if (beside->above_db > 0.0)
        assert_int_equal(band_generator_add(generator, &neighbour), ATALAYA_OK);
    for (double left = seconds * RATE_HZ; left > 0.0; left -= PIECE) {
        assert_int_equal(band_generator_read(generator, iq, PIECE), ATALAYA_OK);
        assert_int_equal(fwrite(iq, sizeof *iq, PIECE, file), PIECE);
    }
    band_generator_destroy(generator);
    assert_int_equal(fclose(file), 0);
}

static void hear(void *context, const struct reception *reception)
{
    unsigned index = FRAMES;
    (void)context;
    const char *text = message_text(&reception->message, "status", NULL);
    if (text && sscanf(text, "frame %u of", &index) == 1 && index < FRAMES)
        heard[index] = true;
}

/* How many of the frames are heard. */
static unsigned receive(double cnr_db, struct neighbour beside)
{
    struct config *config = calloc(1, sizeof *config);
    struct source *source;
    struct receiver *receiver;
    unsigned count = 0;
    assert_non_null(config);
    write_band(cnr_db, &beside);
    config->source_count = config->channel_count = 1;
    config->source[0] = (struct config_source){.name = "band",
                                               .type = SOURCE_FILE,
                                               .format = SAMPLE_CF32,
                                               .rate_hz = RATE_HZ,
                                               .centre_hz = CENTRE_HZ};
    strcpy(config->source[0].path, path);
    config->channel[0] = (struct config_channel){.name = "wanted",
                                                 .frequency_hz = CENTRE_HZ + WANTED_HZ,
                                                 .protocol_count = 1,
                                                 .protocols = {"ax25"},
                                                 .modem_count = 1,
                                                 .modems = {"bell202"}};
    memset(heard, 0, sizeof heard);
    assert_int_equal(source_open(&config->source[0], &source), ATALAYA_OK);
    assert_int_equal(receiver_create(config, 0, source, hear, NULL, &receiver), ATALAYA_OK);
    while (receiver_step(receiver) == ATALAYA_OK)
        continue;
    receiver_destroy(receiver);
    source_close(source);
    free(config);
    for (unsigned i = 0; i < FRAMES; i++)
        count += heard[i];
    return count;
}

static void a_neighbour_60_db_above_costs_less_than_a_decibel(void **state)
{
    (void)state;
    for (double cnr_db = 2.0; cnr_db < 3.5; cnr_db += 1.0) {
        unsigned alone = receive(cnr_db - 1.0, (struct neighbour){0});
        unsigned beside = receive(cnr_db, (struct neighbour){.above_db = 60.0});
        print_message("CNR %.1f dB: %u of %d alone, 1 dB more and a neighbour: %u\n", cnr_db - 1.0, alone,
                      FRAMES, beside);
        assert_true(beside + 2 >= alone); /* two: the noise is another one */
        assert_true(alone > 5);
    }
}

static void data_beside_does_not_carry_a_waiting_receiver_away(void **state)
{
    (void)state;
    for (double above_db = 20.0; above_db < 31.0; above_db += 10.0) {
        unsigned beside = receive(8.0, (struct neighbour){.above_db = above_db, .data = true});
        print_message("data %.0f dB above: %u of %d\n", above_db, beside, FRAMES);
        assert_int_equal(beside, FRAMES);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_neighbour_60_db_above_costs_less_than_a_decibel),
        cmocka_unit_test(data_beside_does_not_carry_a_waiting_receiver_away),
    };
    int fd = mkstemp(path);
    if (fd < 0)
        return 1;
    (void)close(fd);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return unlink(path) != 0 || failed;
}
