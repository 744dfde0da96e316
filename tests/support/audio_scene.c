/* SPDX-License-Identifier: Apache-2.0 */
#include "audio_scene.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/impair.h"
#include "burst_bits.h"

enum { REMEMBERED = 16384 };

struct audio_scene scene;

static void hear(void *context, const struct soft_run *run)
{
    (void)context;
    assert_true(run->branch < scene.class->branches);
    assert_int_equal(run->first_bit, scene.heard_count[run->branch]);
    assert_int_equal(run->scrambler, scene.scrambler);
    assert_non_null(run->event);
    for (size_t i = 0; i < run->count; i++)
        if (scene.heard_count[run->branch] < SCENE_HEARD_MAX)
            scene.heard[run->branch][scene.heard_count[run->branch]++] = run->soft[i];
}

void scene_open(double rate_hz)
{
    const double sent_hz = rate_hz / (1.0 + scene.bend);
    memset(scene.heard_count, 0, sizeof scene.heard_count);
    scene.rate_hz = rate_hz;
    assert_int_equal(scene.class->create(&scene.modem, rate_hz, MODEM_AUDIO), ATALAYA_OK);
    size_t burst = scene.class->modulate_length(sent_hz, scene.bit_count);
    scene.count = burst + SCENE_SILENCE + (size_t)(scene.after_s * rate_hz);
    scene.audio = calloc(scene.count, sizeof *scene.audio);
    assert_non_null(scene.audio);
    assert_int_equal(
        scene.class->modulate(sent_hz, scene.bits, scene.bit_count, scene.audio + SCENE_SILENCE, burst),
        burst);
}

void scene_close(void)
{
    scene.class->destroy(scene.modem);
    free(scene.audio);
}

void scene_receive(void)
{
    scene.class->execute(scene.modem, scene.audio, scene.count, hear, NULL);
}

void scene_forget(void)
{
    scene.class->reset(scene.modem);
    memset(scene.heard_count, 0, sizeof scene.heard_count);
}

int64_t scene_find_data(unsigned branch)
{
    uint64_t at;
    return burst_bits_wrong(scene.heard[branch], scene.heard_count[branch], scene.bits + scene.preamble,
                            SCENE_DATA, 0, &at) == 0
               ? (int64_t)at
               : -1;
}

unsigned scene_branches(void)
{
    unsigned count = 0;
    for (unsigned branch = 0; branch < scene.class->branches; branch++)
        count += scene_find_data(branch) >= 0;
    return count;
}

struct burst_figures scene_measure(unsigned branch)
{
    struct burst_figures figures;
    const int64_t first = scene_find_data(branch);
    assert_true(first >= 0);
    assert_int_equal(
        scene.class->measure(scene.modem, branch, (uint64_t)first, (uint64_t)first + SCENE_DATA, &figures),
        ATALAYA_OK);
    return figures;
}

void scene_check_times(const struct burst_figures *figures, double bits)
{
    const double bit = scene.rate_hz / scene.bit_rate;
    double first_error = (figures->first_sample - SCENE_SILENCE) / bit - scene.preamble;
    double end_error = (figures->end_sample - SCENE_SILENCE) / bit - scene.preamble - SCENE_DATA;
    if (fabs(first_error) > bits || fabs(end_error) > bits)
        print_message("%.0f Hz: off by %.3f and %.3f bit\n", scene.rate_hz, first_error, end_error);
    assert_true(fabs(first_error) <= bits && fabs(end_error) <= bits);
}

void scene_hear_hostile(void)
{
    static const float hostile[] = {NAN, INFINITY, -INFINITY, 1e30F, -1e30F, 3e38F, 1e-40F, -8.0F};
    static float block[9600];
    for (size_t i = 0; i < sizeof block / sizeof *block; i++)
        block[i] = hostile[i * 7919 % 8];
    scene.class->execute(scene.modem, block, sizeof block / sizeof *block, hear, NULL);
}

void scene_check_pieces(unsigned branch)
{
    static int8_t whole[SCENE_HEARD_MAX];
    struct impair_random random;
    scene_open(44100);
    impair_random_seed(&random, 3);
    impair_add_noise(&random, scene.audio, scene.count, 0.7);
    scene_receive();
    uint64_t count = scene.heard_count[branch];
    assert_true(count > scene.bit_count);
    memcpy(whole, scene.heard[branch], count);
    scene_forget();
    for (size_t at = 0; at < scene.count;) {
        size_t piece = (size_t)(impair_random_uniform(&random) * 700.0);
        piece = piece < scene.count - at ? piece : scene.count - at;
        scene.class->execute(scene.modem, scene.audio + at, piece, hear, NULL);
        at += piece;
    }
    assert_int_equal(scene.heard_count[branch], count);
    assert_memory_equal(scene.heard[branch], whole, count);
    scene_close();
}

void scene_check_refused(const double *rates_hz, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct modem *modem = NULL;
        assert_int_equal(scene.class->create(&modem, rates_hz[i], MODEM_AUDIO), ATALAYA_E_ARGUMENT);
        assert_null(modem);
    }
    scene.class->destroy(NULL);
}

static void count_bits(void *context, const struct soft_run *run)
{
    if (run->branch == 0)
        *(uint64_t *)context += run->count;
}

void scene_check_memory(double rate_hz)
{
    struct burst_figures figures;
    uint64_t total = 0;
    scene_open(rate_hz);
    for (unsigned i = 0; i < 40; i++)
        scene.class->execute(scene.modem, scene.audio, scene.count, count_bits, &total);
    assert_true(total > REMEMBERED);
    assert_int_equal(scene.class->measure(scene.modem, 0, total - REMEMBERED, total, &figures), ATALAYA_OK);
    assert_int_equal(scene.class->measure(scene.modem, 0, total - REMEMBERED - 1, total, &figures),
                     ATALAYA_E_RANGE);
    assert_int_equal(scene.class->measure(scene.modem, 0, total, total + 1, &figures), ATALAYA_E_RANGE);
    assert_int_equal(scene.class->measure(scene.modem, 0, 5, 5, &figures), ATALAYA_E_ARGUMENT);
    assert_int_equal(scene.class->measure(scene.modem, scene.class->branches, 0, 1, &figures),
                     ATALAYA_E_ARGUMENT);
    scene_close();
}
