/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATALAYA_COSPAS_SARSAT_COUNTRY_H
#define ATALAYA_COSPAS_SARSAT_COUNTRY_H

/* English name of the country or territory of a three-digit MID, or NULL: not allotted. Static. */
const char *country_name(unsigned mid);

#endif
