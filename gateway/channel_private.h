/* SPDX-License-Identifier: Apache-2.0 */
/* What building a channel needs of its work. */
#ifndef ATALAYA_CHANNEL_PRIVATE_H
#define ATALAYA_CHANNEL_PRIVATE_H

#include "channel.h"

/* Where a stream's protocol puts its messages; context: the stream. */
void channel_on_message(void *context, const struct message *message);
void channel_stream_reset(struct stream *stream);

#endif
