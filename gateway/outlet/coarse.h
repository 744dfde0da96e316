/* SPDX-License-Identifier: Apache-2.0 */
/* Documents for a broker that may know roughly where units are, and no more. What is not known to be harmless
 * is left out: a place hides in raw frames, texts, names of objects, altitudes, speeds, levels, in fields
 * that a new protocol may bring, and in hashes over what was sent, which whoever has a list of places can try
 * out (dedupe, and incident, which is made from it). Uses jansson; any thread. */
#ifndef ATALAYA_OUTLET_COARSE_H
#define ATALAYA_OUTLET_COARSE_H

#include <jansson.h>
#include <stdbool.h>

struct coarse_setting {
    double precision_m; /* size of the cells */
    bool distress_too;  /* else a distress is exact: help goes to where the crew is */
};

enum coarse_verdict { COARSE_AS_IT_IS, COARSE_CHANGED, COARSE_WITHHELD };

/* What becomes of a document of that kind: the level of its topic behind site/S ("position"). `document` may
 * be replaced. Without memory, or of a kind that is not known, it is withheld. */
enum coarse_verdict coarse_document(const struct coarse_setting *setting, const char *kind,
                                    json_t **document);
/* Does nothing of that kind ever go to such a broker, whatever it says? */
bool coarse_withholds(const struct coarse_setting *setting, const char *kind);

#endif
