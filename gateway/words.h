/* SPDX-License-Identifier: Apache-2.0 */
/* Does a message call for help? Its protocol says so, or it carries a word or a number that the site
 * configured. Asked by receive threads (what may not be dropped) and by the main thread (what raises an
 * incident); words and codes may be replaced while the gateway runs. */
#ifndef ATALAYA_WORDS_H
#define ATALAYA_WORDS_H

#include "atalaya/gateway/config.h"
#include "atalaya/protocol/message.h"

struct words;

struct words_verdict {
    enum distress_kind distress;
    bool test;
    char reason[CONFIG_TEXT_MAX];                           /* "ax25: emergency", "text: SOS", "code: sos" */
    char code[CONFIG_NAME_MAX], code_text[CONFIG_TEXT_MAX]; /* of the code that it matches, or "" */
    char unit[MESSAGE_ID_MAX], to[MESSAGE_ID_MAX];          /* whom the code names, or "" */
};

enum atalaya_result words_create(const struct config_distress *settings, struct words **words);
void words_replace(struct words *words, const struct config_distress *settings);
/* What numbers mean; none before the first call. */
void words_set_codes(struct words *words, const struct config_code *codes, unsigned count);
/* Any thread. No allocation. */
void words_judge(struct words *words, const struct message *message, struct words_verdict *verdict);
void words_destroy(struct words *words);

#endif
