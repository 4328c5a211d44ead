/* Unit test: AWS's own test suite for Signature Version 4. */
#include <string.h>

#include "compat.h"
#include "sigv4.h"
#include "test.h"

#define SECRET	"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define HOST	"host:example.amazonaws.com"
#define DATE	"x-amz-date:20150830T123600Z"
#define TOKEN	"AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8" \
		"j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7" \
		"mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy" \
		"0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d" \
		"+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8" \
		"fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
#define CREDENTIAL							\
	"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/"	\
	"service/aws4_request, SignedHeaders="

static const struct {
	struct sigv4	 s;
	const char	*names;
	const char	*signature;
} vectors[] = {
	/* get-vanilla */
	{ { .method = "GET", .query = "", .headers = { HOST, DATE },
	    .body = "" }, "host;x-amz-date",
	    "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
	},
	/* post-vanilla */
	{ { .method = "POST", .query = "", .headers = { HOST, DATE },
	    .body = "" }, "host;x-amz-date",
	    "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
	},
	/* get-vanilla-query-order-key-case */
	{ { .method = "GET", .query = "Param1=value1&Param2=value2",
	    .headers = { HOST, DATE }, .body = "" }, "host;x-amz-date",
	    "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
	},
	/* post-header-key-case is post-vanilla; post-header-value-case: */
	{ { .method = "POST", .query = "", .headers = { HOST,
	    "my-header1:VALUE1", DATE }, .body = "" },
	    "host;my-header1;x-amz-date",
	    "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"
	},
	/* post-x-www-form-urlencoded */
	{ { .method = "POST", .query = "", .headers = {
	    "content-type:application/x-www-form-urlencoded", HOST, DATE },
	    .body = "Param1=value1" }, "content-type;host;x-amz-date",
	    "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
	},
	/* post-sts-header-before */
	{ { .method = "POST", .query = "", .headers = { HOST, DATE,
	    "x-amz-security-token:" TOKEN }, .body = "" },
	    "host;x-amz-date;x-amz-security-token",
	    "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"
	},
};

int
main(void)
{
	struct sigv4	 s;
	char		 out[512], wanted[512];
	size_t		 i;

	for (i = 0; i < nitems(vectors); i++) {
		s = vectors[i].s;
		s.path = "/";
		s.body_len = strlen(s.body);
		s.region = "us-east-1";
		s.service = "service";
		s.date = "20150830T123600Z";
		s.key_id = "AKIDEXAMPLE";
		s.secret = SECRET;
		CHECK(sigv4_sign(&s, out, sizeof(out)) == 0);
		snprintf(wanted, sizeof(wanted), CREDENTIAL "%s, Signature=%s",
		    vectors[i].names, vectors[i].signature);
		CHECK_STR(out, wanted);
		CHECK(sigv4_sign(&s, out, strlen(wanted)) == -1);
	}
	return (test_done());
}
