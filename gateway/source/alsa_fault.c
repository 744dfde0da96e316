/* SPDX-License-Identifier: Apache-2.0 */
#include "alsa_private.h"

#include <errno.h>

enum alsa_remedy alsa_remedy_of(int error)
{
    switch (error) {
    case -EAGAIN:
    case -EINTR:
        return ALSA_RETRY;
    case -EPIPE:
        return ALSA_RESTART;
    case -ESTRPIPE:
        return ALSA_RESUME;
    default:
        /* ENODEV is an unplugged device; EBADFD, EIO and the rest do not heal in place, but may with a new
         * open. */
        return ALSA_REOPEN;
    }
}
