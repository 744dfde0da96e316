/* SPDX-License-Identifier: Apache-2.0 */
/* What a squelch tone or code says about the channel, out of the messages of the protocols that hear one.
 * Such a message comes once when it begins and once when it ends; it names no unit. Who follows the activity
 * of a channel asks of each reception on it, by its time, which signal is there. */
#ifndef ATALAYA_PROTOCOL_SQUELCH_H
#define ATALAYA_PROTOCOL_SQUELCH_H

#include <stdbool.h>

#include "atalaya/protocol/message.h"

enum { SQUELCH_NAME_MAX = 16 };

struct squelch {
    bool present;                /* it begins; false: it ends */
    char name[SQUELCH_NAME_MAX]; /* "123.0 Hz", "DCS 023" */
};

/* Adds the fields that squelch_read reads: "squelch" (begin, end) and "squelch_signal" (the name). */
void squelch_write(struct message *message, const struct squelch *squelch);
/* false: the message is about something else. */
bool squelch_read(const struct message *message, struct squelch *squelch);

#endif
