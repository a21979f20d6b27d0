#include "number.h"

#include <limits.h>
#include <stdbool.h>

enum number_result
number_parse(const char *text, size_t len, long min, long max, long *value)
{
	bool negative, overflow = false;
	long long n = 0;
	size_t i = 0;

	negative = len > 0 && text[0] == '-';
	if (len > 0 && (text[0] == '-' || text[0] == '+'))
		i++;
	if (i == len)
		return NUMBER_SYNTAX;
	for (; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return NUMBER_SYNTAX;
		n = n * 10 + (text[i] - '0');
		if (n > INT_MAX) {
			overflow = true;
			n = 0;
		}
	}
	if (negative)
		n = -n;
	if (overflow || n < min || n > max)
		return NUMBER_RANGE;
	*value = (long)n;
	return NUMBER_OK;
}
