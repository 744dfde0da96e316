/* SPDX-License-Identifier: Apache-2.0 */
/* From link threads to the main thread: a bounded queue of letters of one size behind an eventfd. A full box
 * takes no more letters and says so; whoever loses one must be able to live with it (an acknowledgement lost
 * is an item sent twice). */
#ifndef ATALAYA_MAILBOX_H
#define ATALAYA_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "atalaya/result.h"

struct mailbox;

enum atalaya_result mailbox_create(size_t letter_size, size_t capacity, struct mailbox **mailbox);
int mailbox_fd(const struct mailbox *mailbox);                 /* readable while something waits */
bool mailbox_put(struct mailbox *mailbox, const void *letter); /* any thread; false: full */
bool mailbox_take(struct mailbox *mailbox, void *letter);      /* false: empty */
void mailbox_destroy(struct mailbox *mailbox);

#endif
