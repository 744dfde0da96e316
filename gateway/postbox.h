/* SPDX-License-Identifier: Apache-2.0 */
/* From link threads to the main thread: a bounded queue of letters of one size behind an eventfd. A full box
 * takes no more letters and says so; whoever loses one must be able to live with it (an acknowledgement lost
 * is an item sent twice). */
#ifndef ATALAYA_POSTBOX_H
#define ATALAYA_POSTBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "atalaya/result.h"

struct postbox;

enum atalaya_result postbox_create(size_t letter_size, size_t capacity, struct postbox **postbox);
int postbox_fd(const struct postbox *postbox);                 /* readable while something waits */
bool postbox_put(struct postbox *postbox, const void *letter); /* any thread; false: full */
/* Only while fewer than `most` wait: the rest of the places is for what matters more. */
bool postbox_put_below(struct postbox *postbox, const void *letter, size_t most);
bool postbox_take(struct postbox *postbox, void *letter); /* false: empty */
void postbox_destroy(struct postbox *postbox);

#endif
