/* SPDX-License-Identifier: Apache-2.0 */
#include "speaker.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { WAV_HEADER = 44, ESPEAK_RATE_HZ = SPEAKER_RATE_HZ / 2, WORDS = 60 };

static const char *const voices[] = {"af",    "am",  "ar",     "bg",     "bn",
                                     "ca",    "cmn", "cs",     "cy",     "da",
                                     "de",    "el",  "en-029", "en-gb",  "en-gb-scotland",
                                     "en-us", "eo",  "es",     "es-419", "et",
                                     "eu",    "fa",  "fi",     "fr-fr",  "ga",
                                     "gn",    "gu",  "hi",     "hr",     "hu",
                                     "hy",    "id",  "is",     "it",     "ja",
                                     "ka",    "ko",  "ku",     "la",     "lt",
                                     "lv",    "mk",  "ms",     "mt",     "nb",
                                     "ne",    "nl",  "pl",     "pt",     "pt-br",
                                     "qu",    "ro",  "ru",     "sk",     "sq",
                                     "sr",    "sv",  "sw",     "ta",     "te",
                                     "tr",    "ur",  "vi",     "yue"};
static const char *const variants[] = {"",    "+f1", "+f2", "+f3", "+f4",    "+f5",
                                       "+m1", "+m3", "+m5", "+m7", "+croak", "+whisper"};
static const char *const words[] = {
    "alpha",   "bravo",    "charlie", "team",    "one",     "we",      "are",     "at",        "the",
    "wash",    "giving",   "water",   "two",     "walkers", "both",    "well",    "roger",     "copy",
    "over",    "position", "follows", "three",   "decimal", "four",    "niner",   "emergency", "exercise",
    "nothing", "found",    "going",   "back",    "to",      "truck",   "say",     "again",     "please",
    "stand",   "by",       "agua",    "camino",  "norte",   "ayuda",   "madre",   "puesto",    "herida",
    "wasser",  "strasse",  "zwei",    "schnell", "bonjour", "secours", "montagne"};

static unsigned pick(struct speaker *speaker, size_t choices)
{
    return (unsigned)(impair_random_uniform(&speaker->random) * (double)choices);
}

/* Words of the trade, numbers, and such as exist in no language. */
static void say_word(struct speaker *speaker, char *word, size_t size)
{
    static const char consonants[] = "bcdfghjklmnprstvwz", vowels[] = "aeiou";
    unsigned kind = pick(speaker, 4);
    if (kind == 0)
        snprintf(word, size, "%u", pick(speaker, 100000));
    else if (kind == 1)
        snprintf(word, size, "%c%c%c%c%c", consonants[pick(speaker, 18)], vowels[pick(speaker, 5)],
                 consonants[pick(speaker, 18)], vowels[pick(speaker, 5)], consonants[pick(speaker, 18)]);
    else
        snprintf(word, size, "%s", words[pick(speaker, sizeof words / sizeof *words)]);
}

static void begin(struct speaker *speaker)
{
    char word[32];
    int length =
        snprintf(speaker->command, sizeof speaker->command, "espeak-ng --stdout -v %s%s -s %u -p %u -g %u '",
                 voices[pick(speaker, sizeof voices / sizeof *voices)],
                 variants[pick(speaker, sizeof variants / sizeof *variants)], 90 + pick(speaker, 200),
                 pick(speaker, 100), pick(speaker, 4));
    for (int i = 0; i < WORDS; i++) {
        say_word(speaker, word, sizeof word);
        length += snprintf(speaker->command + length, sizeof speaker->command - (size_t)length, "%s%s", word,
                           pick(speaker, 12) ? " " : ". ");
    }
    snprintf(speaker->command + length, sizeof speaker->command - (size_t)length, "' 2>/dev/null");
    speaker->pipe = popen(speaker->command, "r");
    assert_non_null(speaker->pipe);
    char header[WAV_HEADER];
    assert_int_equal(fread(header, 1, sizeof header, speaker->pipe), sizeof header);
    uint32_t rate_hz;
    memcpy(&rate_hz, header + 24, sizeof rate_hz);
    assert_int_equal(rate_hz, ESPEAK_RATE_HZ);
    speaker->speakers++;
}

bool speaker_is_here(void)
{
    return system("espeak-ng --version >/dev/null 2>&1") == 0;
}

void speaker_reset(struct speaker *speaker, uint64_t seed)
{
    memset(speaker, 0, sizeof *speaker);
    impair_random_seed(&speaker->random, seed);
}

void speaker_execute(struct speaker *speaker, float *audio, size_t count)
{
    for (size_t i = 0; i < count; i += 2) { /* twice the rate: what that adds lies above 8 kHz */
        int16_t sample = 0;
        for (int tries = 0; tries < 3; tries++) {
            if (!speaker->pipe)
                begin(speaker);
            if (fread(&sample, sizeof sample, 1, speaker->pipe) == 1)
                break;
            speaker_close(speaker);
        }
        audio[i] = (float)(speaker->last + sample) / 65536.0F;
        if (i + 1 < count)
            audio[i + 1] = (float)sample / 32768.0F;
        speaker->last = sample;
    }
}

void speaker_close(struct speaker *speaker)
{
    if (speaker->pipe)
        pclose(speaker->pipe);
    speaker->pipe = NULL;
}
