/* SPDX-License-Identifier: Apache-2.0 */
/* Does a message call for help? Either its protocol says so, or it carries a word or a code that the site
 * configured. Asked by receive threads (what may not be dropped) and by the main thread (what raises an
 * incident); the words may be replaced while the gateway runs. */
#ifndef ATALAYA_WORDS_H
#define ATALAYA_WORDS_H

#include "atalaya/gateway/config.h"
#include "atalaya/protocol/message.h"

struct words;

struct words_verdict {
    enum distress_kind distress;
    bool test;
    char reason[CONFIG_TEXT_MAX]; /* "ax25: emergency", "text: SOS", "mdc1200 status 9: Man down" */
};

enum atalaya_result words_create(const struct config_distress *settings, struct words **words);
void words_replace(struct words *words, const struct config_distress *settings);
/* What the numbers of the fleet mean [size: count, at most CONFIG_CODES_MAX]. */
void words_replace_codes(struct words *words, const struct config_code *codes, unsigned count);
/* The text of the code in the message. false: it has none. Any thread. */
bool words_code_text(struct words *words, const struct message *message, char text[CONFIG_TEXT_MAX]);
/* Any thread. No allocation. */
void words_judge(struct words *words, const struct message *message, struct words_verdict *verdict);
void words_destroy(struct words *words);

#endif
