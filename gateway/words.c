/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "atalaya/protocol/protocol.h"

struct words {
    pthread_mutex_t lock;
    struct config_distress settings;
    unsigned code_count;
    struct config_code code[CONFIG_CODES_MAX];
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

void words_replace_codes(struct words *words, const struct config_code *codes, unsigned count)
{
    pthread_mutex_lock(&words->lock);
    words->code_count = count < CONFIG_CODES_MAX ? count : CONFIG_CODES_MAX;
    memcpy(words->code, codes, words->code_count * sizeof *codes);
    pthread_mutex_unlock(&words->lock);
}

/* A field as it is printed; NULL: the message has none, or a longer one than any code. */
static const char *print_field(const struct message *message, const char *name, char printed[CONFIG_TEXT_MAX])
{
    if (strcmp(name, "unit") == 0)
        return message->unit;
    if (strcmp(name, "to") == 0)
        return message->to;
    const struct field *field = message_field(message, name, 0);
    if (!field || field->type == FIELD_REAL)
        return NULL;
    if (field->type == FIELD_TEXT)
        return message_text(message, name, NULL);
    if (field->type == FIELD_BOOLEAN)
        return field->value.boolean ? "true" : "false";
    (void)snprintf(printed, CONFIG_TEXT_MAX, "%lld", (long long)field->value.integer);
    return printed;
}

/* With the lock held. */
static const struct config_code *find_code(const struct words *words, const struct message *message,
                                           bool emergency)
{
    char printed[CONFIG_TEXT_MAX];
    for (unsigned i = 0; i < words->code_count; i++) {
        const struct config_code *code = &words->code[i];
        if ((emergency && !code->emergency) || !protocol_id_is(message->protocol, code->protocol))
            continue;
        const char *value = print_field(message, code->field, printed);
        if (value && strcasecmp(value, code->value) == 0)
            return code;
    }
    return NULL;
}

bool words_code_text(struct words *words, const struct message *message, char text[CONFIG_TEXT_MAX])
{
    pthread_mutex_lock(&words->lock);
    const struct config_code *code = find_code(words, message, false);
    if (code)
        memcpy(text, code->text, sizeof code->text);
    pthread_mutex_unlock(&words->lock);
    return code != NULL;
}

static void judge_codes(const struct words *words, const struct message *message,
                        struct words_verdict *verdict)
{
    const struct config_code *code = find_code(words, message, true);
    if (!code)
        return;
    verdict->distress = DISTRESS_RAISED;
    (void)snprintf(verdict->reason, sizeof verdict->reason, "%.32s %.32s %.20s: %.40s", message->protocol,
                   code->field, code->value, code->text);
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

void words_judge(struct words *words, const struct message *message, struct words_verdict *verdict)
{
    *verdict = (struct words_verdict){.distress = message->distress, .test = message->test};
    if (message->distress != DISTRESS_NONE) {
        snprintf(verdict->reason, sizeof verdict->reason, "%s: %s", message->protocol,
                 message->distress == DISTRESS_RAISED ? "emergency" : "cancelled");
        return;
    }
    pthread_mutex_lock(&words->lock);
    judge_codes(words, message, verdict);
    if (verdict->distress == DISTRESS_NONE)
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
