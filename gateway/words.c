/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "codes.h"

struct words {
    pthread_mutex_t lock;
    struct config_distress settings;
    unsigned code_count;
    struct config_code codes[CONFIG_CODES_MAX];
};

enum atalaya_result words_create(const struct config_distress *settings, struct words **words)
{
    struct words *w = calloc(1, sizeof *w);
    if (!w)
        return ATALAYA_E_MEMORY;
    pthread_mutex_init(&w->lock, NULL);
    w->settings = *settings;
    *words = w;
    return ATALAYA_OK;
}

void words_replace(struct words *words, const struct config_distress *settings)
{
    pthread_mutex_lock(&words->lock);
    words->settings = *settings;
    pthread_mutex_unlock(&words->lock);
}

void words_set_codes(struct words *words, const struct config_code *codes, unsigned count)
{
    pthread_mutex_lock(&words->lock);
    words->code_count = count < CONFIG_CODES_MAX ? count : CONFIG_CODES_MAX;
    memcpy(words->codes, codes, words->code_count * sizeof *codes);
    pthread_mutex_unlock(&words->lock);
}

/* A letter or digit of any alphabet: bytes above ASCII count as letters, so that a word ends where a reader
 * sees its end. */
static bool is_word_byte(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* `word` as a whole word in `text`, whatever its case: SOS is in "sos!", not in "lasso so". */
static bool has_word(const char *text, size_t length, const char *word)
{
    size_t span = strlen(word);
    for (size_t i = 0; span && i + span <= length; i++)
        if (strncasecmp(text + i, word, span) == 0 && (i == 0 || !is_word_byte(text[i - 1])) &&
            (i + span == length || !is_word_byte(text[i + span])))
            return true;
    return false;
}

/* What a person typed: not object names, not paths. A beacon is text outside of APRS, as terminals send it.
 */
static const char *const spoken[] = {"text", "status", "comment", "beacon"};

static const char *find_word(const char *text, size_t length, unsigned count, char (*list)[CONFIG_TEXT_MAX])
{
    for (unsigned i = 0; i < count; i++)
        if (has_word(text, length, list[i]))
            return list[i];
    return NULL;
}

static void judge_texts(struct config_distress *settings, const struct message *message,
                        struct words_verdict *verdict)
{
    for (size_t f = 0; f < sizeof spoken / sizeof *spoken; f++) {
        size_t length;
        const char *text = message_text(message, spoken[f], &length);
        const char *word = text ? find_word(text, length, settings->text_count, settings->texts) : NULL;
        if (!word)
            continue;
        verdict->distress = DISTRESS_RAISED;
        /* Only a call made of words can be a test by its words: an emergency button stays what it is,
         * whatever a comment that was typed long ago says beside it. */
        verdict->test =
            message->test || find_word(text, length, settings->test_text_count, settings->test_texts);
        snprintf(verdict->reason, sizeof verdict->reason, "text: %.100s", word);
        if (!verdict->test)
            return;
    }
}

/* What the fleet means by a number. The protocol's own emergency stands whatever a code says. */
static void judge_codes(const struct words *words, const struct message *message,
                        struct words_verdict *verdict)
{
    struct code_hit hit;
    codes_find(words->codes, words->code_count, message, &hit);
    memcpy(verdict->unit, hit.unit, sizeof hit.unit);
    memcpy(verdict->to, hit.to, sizeof hit.to);
    if (!hit.code)
        return;
    memcpy(verdict->code, hit.code->name, sizeof verdict->code);
    memcpy(verdict->code_text, hit.code->text, sizeof verdict->code_text);
    if (hit.code->distress == CODE_NO_DISTRESS || message->distress != DISTRESS_NONE)
        return;
    verdict->distress = hit.code->distress == CODE_CANCELS ? DISTRESS_CANCELLED : DISTRESS_RAISED;
    verdict->test = message->test || hit.code->distress == CODE_DRILL;
    snprintf(verdict->reason, sizeof verdict->reason, "code: %s", hit.code->name);
}

void words_judge(struct words *words, const struct message *message, struct words_verdict *verdict)
{
    *verdict = (struct words_verdict){.distress = message->distress, .test = message->test};
    pthread_mutex_lock(&words->lock);
    judge_codes(words, message, verdict);
    if (message->distress != DISTRESS_NONE)
        snprintf(verdict->reason, sizeof verdict->reason, "%s: %s", message->protocol,
                 message->distress == DISTRESS_RAISED ? "emergency" : "cancelled");
    else if (verdict->distress == DISTRESS_NONE)
        judge_texts(&words->settings, message, verdict);
    pthread_mutex_unlock(&words->lock);
}

void words_destroy(struct words *words)
{
    if (!words)
        return;
    pthread_mutex_destroy(&words->lock);
    free(words);
}
