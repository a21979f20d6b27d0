#include "json.h"

#include "unit.h"

static void
expect(struct json *json, const char *text)
{
	assert_string_equal(json->text, text);
	assert_int_equal(json->len, strlen(text));
	json_fini(json);
}

static void
test_structure(void **state)
{
	struct json json;
	int i;

	(void)state;
	json_init(&json);
	json_begin_object(&json, NULL);
	json_end_object(&json);
	expect(&json, "{}");

	json_init(&json);
	json_begin_array(&json, NULL);
	json_end_array(&json);
	expect(&json, "[]");

	json_init(&json);
	json_begin_object(&json, NULL);
	json_string(&json, "a", "b");
	json_string(&json, "none", NULL);
	json_number(&json, "n", -12);
	json_bool(&json, "t", true);
	json_bool(&json, "f", false);
	json_begin_array(&json, "list");
	for (i = 0; i < 2; i++) {
		json_begin_object(&json, NULL);
		json_number(&json, "i", i);
		json_end_object(&json);
	}
	json_begin_array(&json, NULL);
	json_end_array(&json);
	json_string(&json, NULL, "x");
	json_string(&json, NULL, NULL);
	json_end_array(&json);
	json_begin_object(&json, "object");
	json_end_object(&json);
	json_bool(&json, "last", true);
	json_end_object(&json);
	expect(&json,
	    "{\"a\":\"b\",\"none\":null,\"n\":-12,\"t\":true,\"f\":false,"
	    "\"list\":[{\"i\":0},{\"i\":1},[],\"x\",null],\"object\":{},"
	    "\"last\":true}");
}

static void
test_hex(void **state)
{
	unsigned char bytes[] = { 0, 0x7f, 0xff, 'A' };
	struct bytes some = { bytes, sizeof(bytes) }, none = { NULL, 0 };
	struct json json;

	(void)state;
	json_init(&json);
	json_begin_object(&json, NULL);
	json_hex(&json, "some", &some);
	json_hex(&json, "none", &none);
	json_end_object(&json);
	expect(&json, "{\"some\":\"007fff41\",\"none\":\"\"}");
}

#define REPLACED "\xef\xbf\xbd"

static void
test_strings(void **state)
{
	static const struct {
		const char *text, *written;
		const char *hex; /* NULL: it is UTF-8 */
	} cases[] = {
		{ "", "", NULL },
		{ "/usr/bin/x y", "/usr/bin/x y", NULL },
		{ "a\"b", "a\\u0022b", NULL },
		{ "a\\b", "a\\u005cb", NULL },
		{ "\t\n\r\x01\x1f\x7f",
		    "\\u0009\\u000a\\u000d\\u0001\\u001f"
		    "\\u007f",
		    NULL },
		{ "\xc2\x80\xdf\xbf", "\xc2\x80\xdf\xbf", NULL },
		{ "\xe0\xa0\x80\xef\xbf\xbf", "\xe0\xa0\x80\xef\xbf\xbf",
		    NULL },
		{ "\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80",
		    NULL },
		{ "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
		    "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", NULL },
		{ "\x80", REPLACED, "80" },
		{ "a\xff", "a" REPLACED, "61ff" },
		{ "\xc0\xaf", REPLACED REPLACED, "c0af" },
		{ "\xc1\xbf", REPLACED REPLACED, "c1bf" },
		{ "\xc3", REPLACED, "c3" },
		{ "\xc3(", REPLACED "(", "c328" },
		{ "\xe2\x82", REPLACED REPLACED, "e282" },
		{ "\xe2\x82\"", REPLACED REPLACED "\\u0022", "e28222" },
		{ "\xe0\x9f\xbf", REPLACED REPLACED REPLACED, "e09fbf" },
		{ "\xed\xa0\x80", REPLACED REPLACED REPLACED, "eda080" },
		{ "\xf0\x8f\xbf\xbf", REPLACED REPLACED REPLACED REPLACED,
		    "f08fbfbf" },
		{ "\xf4\x90\x80\x80", REPLACED REPLACED REPLACED REPLACED,
		    "f4908080" },
		{ "\xf5\x80\x80\x80", REPLACED REPLACED REPLACED REPLACED,
		    "f5808080" },
		{ "\xf0\x90\x80", REPLACED REPLACED REPLACED, "f09080" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(cleanup_free) char *alone = NULL;
		CLEANUP(cleanup_free) char *keyed = NULL;
		CLEANUP(cleanup_free)
		char *exact = unit_exact(cases[i].text,
		    strlen(cases[i].text) + 1);
		struct json json;

		alone = xasprintf("[\"%s\"]", cases[i].written);
		json_init(&json);
		json_begin_array(&json, NULL);
		json_string(&json, NULL, exact);
		json_end_array(&json);
		expect(&json, alone);

		keyed = cases[i].hex == NULL ?
		    xasprintf("{\"k\":\"%s\"}", cases[i].written) :
		    xasprintf("{\"k\":\"%s\",\"k_hex\":\"%s\"}",
			cases[i].written, cases[i].hex);
		json_init(&json);
		json_begin_object(&json, NULL);
		json_string(&json, "k", exact);
		json_end_object(&json);
		expect(&json, keyed);
	}
}

/* More than there is room for at first. */
static void
test_long(void **state)
{
	CLEANUP(cleanup_free) char *text = xcalloc(100001, 1);
	CLEANUP(cleanup_free) char *written = NULL;
	struct json json;

	(void)state;
	memset(text, 'x', 100000);
	written = xasprintf("[\"%s\",\"%s\"]", text, text);
	json_init(&json);
	json_begin_array(&json, NULL);
	json_string(&json, NULL, text);
	json_string(&json, NULL, text);
	json_end_array(&json);
	expect(&json, written);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_structure),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
