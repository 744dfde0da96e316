/* SPDX-License-Identifier: Apache-2.0 */
/* What a tower says in FleetSync. */
#ifndef PROTOCOL_FLEETSYNC_SAY_H
#define PROTOCOL_FLEETSYNC_SAY_H

#include "atalaya/protocol/protocol.h"

/* As in struct protocol. How radios show a text that a tower made, the maker never published: untested on
 * air. */
enum atalaya_result fleetsync_say(const struct protocol_say *say, struct message *message, bool *asks);

#endif
