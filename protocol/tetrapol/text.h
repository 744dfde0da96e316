/* SPDX-License-Identifier: Apache-2.0 */
/* Frames as text, for vectors and for what other receivers write: words "key=value" with blanks between.
 *   air=BITS    changes of the line as they are on air, frames of 160
 *   line=BITS   line bits, frames of 160
 *   body=BITS   one frame's line bits without the sync word, 152
 *   coded=BITS  the same after descrambling and deinterleaving
 *   scr=N       scrambling, 0 to 127; left out: searched
 *   band=uhf|vhf; left out: searched */
#ifndef ATALAYA_TETRAPOL_TEXT_H
#define ATALAYA_TETRAPOL_TEXT_H

#include <stddef.h>

#include "atalaya/protocol/message.h"

#define TETRAPOL_TEXT_FORM "tetrapol-bits"

/* struct protocol's from_text. What the frames carry when it is a layer-2 frame; else what is known of the
 * last frame. ATALAYA_E_CHECK: no frame's CRC holds. */
enum atalaya_result tetrapol_text_read(struct message *message, const char *line, size_t length);

#endif
