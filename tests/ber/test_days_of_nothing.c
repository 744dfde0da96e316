/* SPDX-License-Identifier: Apache-2.0 */
/* Noise, speech and music are nobody's signal: a channel with every protocol on and all repair makes fewer
 * than one message of a day of each, and no call for help. A few minutes; days by hand:
 * ATALAYA_NOTHING_HOURS=24 ATALAYA_NOTHING_KIND=music ATALAYA_NOTHING_SEED=1 (the kinds are below),
 * ATALAYA_NOTHING_PROTOCOL=dtmf for one alone.
 *
 * What is nothing but tones, without any check, is counted for itself: selective calls and keys may be sung,
 * and a melody of pure tones as long as a call's is one; squelch tones are what music may be made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../gateway/channel.h"
#include "../../gateway/tuner.h"
#include "atalaya/dsp/fm_channel.h"
#include "music.h"
#include "radio_band.h"
#include "speaker.h"

enum { BLOCK = SOURCE_BLOCK_FRAMES, SCENE_S = 30, NOISE_RATE_HZ = 48000, SOUND_RATE_HZ = SPEAKER_RATE_HZ };
enum { SPEECH_CALLS = 30, MUSIC_CALLS = 1000 /* of tones, in a day */, SUSPECTS = 20 /* in a day */ };

/* What is on the air, half a minute at a time with settings of its own. */
static struct {
    struct impair_random random;
    struct music music;
    struct speaker speaker;
    struct radio_band band;
    struct fm_transmitter transmitter;
    struct fm_receiver *receiver;
    bool speaks;
    double cnr_db;
} air;

static struct {
    struct channel channel;
    struct tuner tuner;
    unsigned frames, guessed, raised, suspects, calls, squelch;
    double seconds, last_s;
    double sounding_s; /* in which something was on the air */
} ear;

static float audio[BLOCK];
static float complex iq[BLOCK];
static uint64_t seed = 1;
static double hours;
static const char *only, *protocol;

static void on_found(struct channel *channel, const struct stream *stream, const struct message *message)
{
    (void)channel;
    if (stream->row->protocol->about_channel) {
        ear.squelch++;
        return;
    }
    const bool is_call = strcmp(stream->tap->row->id, "tones") == 0;
    const bool suspect = message_flag(message, MESSAGE_SUSPECT); /* no frame, and raises nobody */
    bool again = ear.seconds - ear.last_s < 1.0;                 /* other branches hear it, too */
    ear.last_s = ear.seconds;
    *(is_call ? &ear.calls : suspect ? &ear.suspects : &ear.frames) += !again;
    ear.guessed += message->guessed && !again;
    ear.raised += message->distress != DISTRESS_NONE && !message->guessed;
    print_message("%.1f s: %s, branch %u: unit %s, to %s, %s, %u bits corrected%s, distress %d, raw",
                  ear.seconds, stream->row->id, stream->branch, message->unit, message->to,
                  message_kind_text(message->kind), message->bits_corrected,
                  message->guessed ? " by guessing" : "", (int)message->distress);
    for (unsigned i = 0; i < message->raw_length; i++)
        print_message("%s%02x", i % 8 ? "" : " ", message->raw[i]);
    print_message("\n");
}

static void ear_open(const struct source_format *format)
{
    struct config_channel settings = {.name = "nothing", .frequency_hz = (double)NAN, .always_on = true};
    memset(&ear, 0, sizeof ear);
    ear.last_s = -1.0;
    for (size_t i = 0; i < protocol_table_size && i < CONFIG_PROTOCOLS_MAX; i++)
        if (!protocol || strcmp(protocol, protocol_table[i].id) == 0)
            snprintf(settings.protocols[settings.protocol_count++], CONFIG_NAME_MAX, "%s",
                     protocol_table[i].id);
    assert_int_equal(channel_create(&ear.channel, &settings, format, on_found, NULL), ATALAYA_OK);
    assert_int_equal(tuner_create(&ear.tuner, format, &ear.channel, 1), ATALAYA_OK);
}

static void ear_close(const char *kind, double calls_a_day)
{
    channel_finish(&ear.channel);
    channel_destroy(&ear.channel);
    tuner_destroy(&ear.tuner);
    assert_true(ear.sounding_s > 0.7 * ear.seconds);
    print_message("%s, %.2f h: %u frames (%u guessed), %u raise distress, %u suspects, %u calls of tones, "
                  "%u squelch tones and codes\n",
                  kind, ear.seconds / 3600.0, ear.frames, ear.guessed, ear.raised, ear.suspects, ear.calls,
                  ear.squelch);
    assert_int_equal(ear.raised, 0);
    assert_true(ear.frames * 86400.0 <= ear.seconds); /* at most one in a day */
    assert_true(ear.suspects * 86400.0 <= ear.seconds * SUSPECTS);
    assert_true(ear.calls * 86400.0 <= ear.seconds * calls_a_day);
}

static double between(double low, double high)
{
    return low + (high - low) * impair_random_uniform(&air.random);
}

static bool toss(double chance)
{
    return impair_random_uniform(&air.random) < chance;
}

static void band_draw(bool hisses)
{
    const struct radio_band_settings settings = {
        .rate_hz = SOUND_RATE_HZ,
        .sub_audio = toss(0.3),
        .pre_emphasis = toss(0.7),
        .de_emphasis = toss(0.4),
        .drive = (float)exp2(between(-1.0, 5.0)), /* -6 to 30 dB */
        .hiss = hisses && toss(0.7) ? (float)exp2(between(-10.0, 0.0)) : 0.0F,
        .level = (float)exp2(between(-5.0, 1.0)),
    };
    radio_band_reset(&air.band, &settings);
}

static void play_white(size_t count)
{
    memset(audio, 0, sizeof audio);
    impair_add_noise(&air.random, audio, count, 0.2);
}

static void play_open_squelch(size_t count)
{
    memset(iq, 0, sizeof iq);
    impair_add_noise_iq(&air.random, iq, count, 0.2);
    fm_receiver_execute(air.receiver, iq, count, audio);
}

static void play_speech(size_t count)
{
    speaker_execute(&air.speaker, audio, count);
    radio_band_execute(&air.band, &air.random, audio, count);
}

static void play_music(size_t count)
{
    music_execute(&air.music, audio, count);
    radio_band_execute(&air.band, &air.random, audio, count);
}

static void play_radio_noise(size_t count)
{
    memset(iq, 0, sizeof iq);
    impair_add_noise_iq(&air.random, iq, count, 0.2);
}

/* Speech or music on a carrier that is strong, weak or hardly there. */
static void play_radio_sound(size_t count)
{
    if (air.speaks)
        play_speech(count);
    else
        play_music(count);
    impair_clip(audio, count, 1.3F);
    fm_transmitter_execute(&air.transmitter, audio, count, iq);
    impair_add_noise_iq(&air.random, iq, count, impair_cnr_sigma(SOUND_RATE_HZ, air.cnr_db));
    for (size_t i = 0; i < count; i++)
        iq[i] *= 0.1F;
}

static void scene_begin(uint64_t number, bool hisses)
{
    impair_random_seed(&air.random, seed << 32 | number);
    band_draw(hisses);
    const struct fm_transmitter_settings settings = {.rate_hz = SOUND_RATE_HZ,
                                                     .deviation_hz = between(1500.0, 5000.0),
                                                     .carrier_hz = between(-2000.0, 2000.0)};
    fm_transmitter_create(&air.transmitter, &settings);
    air.speaks = speaker_is_here() && number % 2;
    air.cnr_db = between(-6.0, 30.0);
}

static bool sounds(const float *samples, size_t count)
{
    float power = 0.0F;
    for (size_t i = 0; i < count; i++)
        power += samples[i] * samples[i];
    return power > 1e-7F * (float)count; /* -67 dBFS */
}

/* minutes: in the suite; share: of the hours by hand. */
static void listen(const char *kind, const struct source_format *format, void (*play)(size_t count),
                   double minutes, double share)
{
    if (only && strcmp(only, kind) != 0)
        skip();
    const double total_s = hours > 0.0 ? hours * 3600.0 * share : minutes * 60.0;
    uint64_t frame = 0, scene = 0;
    ear_open(format);
    music_reset(&air.music, format->rate_hz, seed);
    speaker_reset(&air.speaker, seed);
    for (; ear.seconds < total_s; ear.seconds += BLOCK / format->rate_hz) {
        if ((double)scene * SCENE_S <= ear.seconds)
            scene_begin(scene++, !format->iq);
        play(BLOCK);
        ear.sounding_s +=
            sounds(format->iq ? (const float *)iq : audio, BLOCK) ? BLOCK / format->rate_hz : 0.0;
        const struct source_block block = {
            .samples = format->iq ? (const float *)iq : audio, .frames = BLOCK, .first_frame = frame};
        for (size_t done = 0; tuner_execute(&ear.tuner, &block, &done);)
            channel_execute(&ear.channel, &ear.tuner);
        frame += BLOCK;
    }
    speaker_close(&air.speaker);
    ear_close(kind, play == play_music || play == play_radio_sound ? MUSIC_CALLS
                    : play == play_speech                          ? SPEECH_CALLS
                                                                   : 1.0);
}

static const struct source_format noise_audio = {.rate_hz = NOISE_RATE_HZ, .lanes = 1};
static const struct source_format sound_audio = {.rate_hz = SOUND_RATE_HZ, .lanes = 1};
static const struct source_format noise_iq = {.rate_hz = NOISE_RATE_HZ, .lanes = 2, .iq = true};
static const struct source_format sound_iq = {.rate_hz = SOUND_RATE_HZ, .lanes = 2, .iq = true};

static void white_noise(void **state)
{
    (void)state;
    listen("white", &noise_audio, play_white, 1.0, 1.0);
}

static void listen_to_squelch(const char *kind, bool de_emphasis)
{
    const struct fm_receiver_settings settings = {
        .rate_hz = NOISE_RATE_HZ, .if_width_hz = 15000, .full_scale_hz = 8000, .de_emphasis = de_emphasis};
    assert_int_equal(fm_receiver_create(&air.receiver, &settings), ATALAYA_OK);
    listen(kind, &noise_audio, play_open_squelch, 0.5, 0.5);
    fm_receiver_destroy(air.receiver);
}

static void an_open_squelch(void **state)
{
    (void)state;
    listen_to_squelch("squelch", false);
}

static void an_open_squelch_behind_a_loudspeaker(void **state)
{
    (void)state;
    listen_to_squelch("loudspeaker", true);
}

static void speech(void **state)
{
    (void)state;
    if (!speaker_is_here())
        skip();
    listen("speech", &sound_audio, play_speech, 2.0, 1.0);
}

static void music(void **state)
{
    (void)state;
    listen("music", &sound_audio, play_music, 2.0, 1.0);
}

static void a_radio_channel_with_nobody(void **state)
{
    (void)state;
    listen("radio", &noise_iq, play_radio_noise, 0.2, 0.1);
}

static void a_radio_channel_with_speech_and_music(void **state)
{
    (void)state;
    listen("voices", &sound_iq, play_radio_sound, 0.2, 0.1);
}

/* A voice's carrier stands still in the pauses and then turns: what some protocols begin with, or bits that
 * repeat themselves, which are words of many a code. */
static void one_protocol_in_a_radio_channel_with_speech_and_music(void **state)
{
    static const char *const alone[] = {"cospas_sarsat", "tetrapol"};
    (void)state;
    for (size_t i = 0; i < sizeof alone / sizeof *alone; i++) {
        if (protocol && strcmp(protocol, alone[i]) != 0)
            continue;
        const char *given = protocol;
        protocol = alone[i];
        listen("voices-alone", &sound_iq, play_radio_sound, 5.0, 0.1);
        protocol = given;
    }
}

int main(void)
{
    const char *hours_text = getenv("ATALAYA_NOTHING_HOURS"), *seed_text = getenv("ATALAYA_NOTHING_SEED");
    hours = hours_text ? strtod(hours_text, NULL) : 0.0;
    seed = seed_text ? strtoull(seed_text, NULL, 10) : 1;
    only = getenv("ATALAYA_NOTHING_KIND");
    protocol = getenv("ATALAYA_NOTHING_PROTOCOL");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(white_noise),
        cmocka_unit_test(an_open_squelch),
        cmocka_unit_test(an_open_squelch_behind_a_loudspeaker),
        cmocka_unit_test(speech),
        cmocka_unit_test(music),
        cmocka_unit_test(a_radio_channel_with_nobody),
        cmocka_unit_test(a_radio_channel_with_speech_and_music),
        cmocka_unit_test(one_protocol_in_a_radio_channel_with_speech_and_music),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
