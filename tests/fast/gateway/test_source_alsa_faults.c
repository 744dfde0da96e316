/* SPDX-License-Identifier: Apache-2.0 */
/* What the sound card source does when alsa-lib reports overruns, sleep, unplugging and odd rates. The
 * functions below stand in front of alsa-lib's own (the program's symbols win over a shared library's), so
 * the code under test is the very one that runs on a tower; the reports are made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <alsa/asoundlib.h>
#include <cmocka.h>
#include <dlfcn.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/library_time.h"
#include "atalaya/gateway/source.h"

enum { PERIOD = 960, STAMP_LATE_MS = 40 };

static struct {
    int wait_error, read_error; /* reported once */
    int resume_results[4];      /* in turn */
    int recover_result;
    snd_pcm_sframes_t avail;
    bool stamped, always_broken;
    unsigned rate_hz; /* the only one of the device; 0 = any */
    snd_pcm_state_t state;
    unsigned recovers, starts, resumes;
} card;

int snd_pcm_wait(snd_pcm_t *pcm, int timeout)
{
    (void)pcm;
    assert_in_range(timeout, 0, 100);
    int error = card.wait_error;
    card.wait_error = 0;
    return error < 0 ? error : 1;
}

snd_pcm_sframes_t snd_pcm_avail_update(snd_pcm_t *pcm)
{
    (void)pcm;
    return card.avail;
}

snd_pcm_sframes_t snd_pcm_readi(snd_pcm_t *pcm, void *buffer, snd_pcm_uframes_t size)
{
    (void)pcm;
    int error = card.read_error;
    if (!card.always_broken)
        card.read_error = 0;
    if (error < 0)
        return error;
    memset(buffer, 0, size * sizeof(int32_t));
    return (snd_pcm_sframes_t)size;
}

int snd_pcm_recover(snd_pcm_t *pcm, int error, int silent)
{
    (void)pcm;
    assert_int_equal(error, -EPIPE);
    assert_int_equal(silent, 1);
    card.recovers++;
    return card.recover_result;
}

int snd_pcm_start(snd_pcm_t *pcm)
{
    (void)pcm;
    card.starts++;
    return 0;
}

int snd_pcm_resume(snd_pcm_t *pcm)
{
    (void)pcm;
    return card.resume_results[card.resumes++ % 4];
}

snd_pcm_state_t snd_pcm_state(snd_pcm_t *pcm)
{
    (void)pcm;
    return card.state;
}

void snd_pcm_status_get_htstamp(const snd_pcm_status_t *status, snd_htimestamp_t *stamp)
{
    (void)status;
    *stamp = (snd_htimestamp_t){0};
    if (!card.stamped)
        return;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, stamp), 0);
    stamp->tv_nsec -= STAMP_LATE_MS * 1000000L;
    if (stamp->tv_nsec < 0) {
        stamp->tv_nsec += 1000000000L;
        stamp->tv_sec--;
    }
}

snd_pcm_sframes_t snd_pcm_status_get_delay(const snd_pcm_status_t *status)
{
    (void)status;
    return PERIOD;
}

snd_pcm_uframes_t snd_pcm_status_get_avail(const snd_pcm_status_t *status)
{
    (void)status;
    return PERIOD;
}

int snd_pcm_hw_params_set_rate_near(snd_pcm_t *pcm, snd_pcm_hw_params_t *params, unsigned *rate,
                                    int *direction)
{
    int (*real)(snd_pcm_t *, snd_pcm_hw_params_t *, unsigned *, int *);
    void *symbol = dlsym(RTLD_NEXT, "snd_pcm_hw_params_set_rate_near");
    assert_non_null(symbol);
    memcpy(&real, &symbol, sizeof real);
    if (card.rate_hz != 0)
        *rate = card.rate_hz;
    return real(pcm, params, rate, direction);
}

static struct source *card_open(void)
{
    struct config_source settings = {
        .name = "card", .type = SOURCE_ALSA, .device = "null", .rate_hz = 48000, .lanes = 1};
    struct source *source;
    assert_int_equal(source_open(&settings, &source), ATALAYA_OK);
    card.starts = 0;
    return source;
}

static int card_reset(void **state)
{
    (void)state;
    memset(&card, 0, sizeof card);
    card.avail = PERIOD;
    card.state = SND_PCM_STATE_RUNNING;
    return 0;
}

/* Reads until frames come, as a receive thread does. */
static void block_read(struct source *source, struct source_block *block)
{
    for (int i = 0; i < 10; i++) {
        assert_int_equal(source_read(source, block), ATALAYA_OK);
        if (block->frames > 0)
            return;
    }
    fail_msg("no frames in 10 reads");
}

static void pause_ms(int ms)
{
    const struct timespec wait = {.tv_nsec = ms * 1000000L};
    assert_int_equal(nanosleep(&wait, NULL), 0);
}

/* Frame counts and times of two blocks must tell the same story. */
static void assert_time_fits(const struct source_block *before, const struct source_block *after)
{
    double passed = (double)(after->first_mono_ns - before->first_mono_ns) * 48e-6;
    double counted = (double)(after->first_frame - before->first_frame);
    assert_true(fabs(passed - counted) <= 1.5);
}

static void overrun_at(int *error)
{
    struct source *source = card_open();
    struct source_block before, after;
    block_read(source, &before);
    assert_int_equal(before.lost, 0);
    *error = -EPIPE;
    pause_ms(150);
    block_read(source, &after);
    assert_int_equal(card.recovers, 1);
    assert_int_equal(card.starts, 1);
    /* 150 ms passed, 20 ms of them were in the first block. */
    assert_in_range(after.lost, 48 * 130 - 48, 48 * 1000);
    assert_int_equal(after.first_frame, before.frames + after.lost);
    assert_time_fits(&before, &after);
    block_read(source, &after);
    assert_int_equal(after.lost, 0);
    source_close(source);
}

static void an_overrun_is_counted_and_time_stays_right(void **state)
{
    (void)state;
    overrun_at(&card.read_error);
    assert_int_equal(card_reset(NULL), 0);
    overrun_at(&card.wait_error);
}

static void sleep_is_survived_try_by_try(void **state)
{
    struct source_block before, after;
    (void)state;
    struct source *source = card_open();
    block_read(source, &before);
    card.read_error = -ESTRPIPE;
    card.resume_results[0] = card.resume_results[1] = -EAGAIN;
    pause_ms(50);
    block_read(source, &after);
    assert_int_equal(card.resumes, 3);
    assert_int_equal(card.recovers, 0);
    assert_true(after.lost > 0);
    assert_time_fits(&before, &after);
    source_close(source);
}

static void a_device_that_cannot_resume_is_started_anew(void **state)
{
    struct source_block block;
    (void)state;
    struct source *source = card_open();
    card.read_error = -ESTRPIPE;
    card.resume_results[0] = -ENOSYS;
    block_read(source, &block);
    assert_int_equal(card.recovers, 1);
    assert_int_equal(card.starts, 1);
    source_close(source);
}

static void an_unplugged_device_is_gone(void **state)
{
    static const int errors[] = {-ENODEV, -EBADFD, -EIO, -ENXIO};
    struct source_block block;
    (void)state;
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        struct source *source = card_open();
        card.read_error = errors[i];
        assert_int_equal(source_read(source, &block), ATALAYA_E_GONE);
        card.wait_error = errors[i];
        assert_int_equal(source_read(source, &block), ATALAYA_E_GONE);
        source_close(source);
    }
    struct source *source = card_open();
    card.read_error = -EPIPE;
    card.recover_result = -ENODEV;
    assert_int_equal(source_read(source, &block), ATALAYA_E_GONE);
    card.avail = 0;
    card.state = SND_PCM_STATE_DISCONNECTED;
    assert_int_equal(source_read(source, &block), ATALAYA_E_GONE);
    source_close(source);
}

static void interruptions_are_no_faults(void **state)
{
    struct source_block block;
    (void)state;
    struct source *source = card_open();
    card.read_error = -EAGAIN;
    assert_int_equal(source_read(source, &block), ATALAYA_OK);
    assert_int_equal(block.frames, 0);
    card.wait_error = -EINTR;
    block_read(source, &block);
    assert_int_equal(block.lost, 0);
    assert_int_equal(card.recovers, 0);
    source_close(source);
}

static void endless_overruns_end_in_opening_it_again(void **state)
{
    struct source_block block;
    int reads = 0;
    (void)state;
    struct source *source = card_open();
    card.read_error = -EPIPE;
    card.always_broken = true;
    while (source_read(source, &block) == ATALAYA_OK)
        assert_in_range(++reads, 1, 100);
    source_close(source);
}

static void a_ready_device_without_samples_does_not_spin(void **state)
{
    struct source_block block;
    (void)state;
    struct source *source = card_open();
    card.avail = 0;
    int64_t begin_ns = clock_mono_ns();
    assert_int_equal(source_read(source, &block), ATALAYA_OK);
    assert_int_equal(block.frames, 0);
    assert_true(clock_mono_ns() - begin_ns >= 1000000);
    source_close(source);
}

static void a_drivers_time_stamp_is_believed(void **state)
{
    struct source_block block;
    (void)state;
    struct source *source = card_open();
    card.stamped = true;
    int64_t begin_ns = clock_mono_ns();
    block_read(source, &block);
    int64_t end_ns = clock_mono_ns();
    int64_t late_ns = (STAMP_LATE_MS + 20) * INT64_C(1000000);
    assert_in_range(block.first_mono_ns, begin_ns - late_ns - 1000000, end_ns - late_ns + 1000000);
    source_close(source);
}

static void the_nearest_rate_is_taken_and_told(void **state)
{
    struct config_source settings = {
        .name = "card", .type = SOURCE_ALSA, .device = "null", .rate_hz = 48000, .lanes = 1};
    char text[512];
    (void)state;
    card.rate_hz = 44100;
    struct source *source = card_open();
    assert_true(fabs(source_format(source)->rate_hz - 44100) < 0.5);
    source_close(source);
    assert_true(source_probe(&settings, text, sizeof text));
    assert_non_null(strstr(text, "44100 Hz"));
    assert_non_null(strstr(text, "48000 Hz"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_overrun_is_counted_and_time_stays_right, card_reset),
        cmocka_unit_test_setup(sleep_is_survived_try_by_try, card_reset),
        cmocka_unit_test_setup(a_device_that_cannot_resume_is_started_anew, card_reset),
        cmocka_unit_test_setup(an_unplugged_device_is_gone, card_reset),
        cmocka_unit_test_setup(interruptions_are_no_faults, card_reset),
        cmocka_unit_test_setup(endless_overruns_end_in_opening_it_again, card_reset),
        cmocka_unit_test_setup(a_ready_device_without_samples_does_not_spin, card_reset),
        cmocka_unit_test_setup(a_drivers_time_stamp_is_believed, card_reset),
        cmocka_unit_test_setup(the_nearest_rate_is_taken_and_told, card_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
