/* SPDX-License-Identifier: Apache-2.0 */
/* What a centre's system says by itself: that it has a distress. `atalaya watch --receive` is such a system.
 */
#ifndef ATALAYA_COMMAND_RECEIPT_H
#define ATALAYA_COMMAND_RECEIPT_H

#include <stdbool.h>
#include <stddef.h>

struct signature_key;

enum { RECEIPT_TOPIC_MAX = 256, RECEIPT_SEEN_MAX = 256, RECEIPT_TEXT_MAX = 640 };

/* Distresses that have had their receipt, and the ids of the commands that say so; all zero is the beginning.
 */
struct receipt_book {
    unsigned next;
    char seen[RECEIPT_SEEN_MAX][80], command[RECEIPT_SEEN_MAX][80];
};

/* The signed `received` for a publication [length], and its topic; free it. NULL: it asks for none, for it is
 * no distress, or not one that waits for somebody to have it, or one that has had its receipt. What comes
 * from a broker is hostile. */
char *receipt_make(struct receipt_book *book, const struct signature_key *key, const char *prefix,
                   const char *topic, const void *payload, size_t length,
                   char answer_topic[RECEIPT_TOPIC_MAX]);

/* A site's answer to a receipt of this book, which it did not take: why, as a line for a person. A centre
 * whose receipts are refused has received nothing, as far as the site knows. */
bool receipt_refused(const struct receipt_book *book, const char *prefix, const char *topic,
                     const void *payload, size_t length, char text[RECEIPT_TEXT_MAX]);

#endif
