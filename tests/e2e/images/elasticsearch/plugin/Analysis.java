import java.util.Map;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.email.UAX29URLEmailTokenizer;
import org.apache.lucene.analysis.miscellaneous.RemoveDuplicatesTokenFilter;
import org.apache.lucene.analysis.pattern.PatternCaptureGroupTokenFilter;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;

/** What the index of users and roles is analysed with, and the distribution lacks. */
public class Analysis extends Plugin implements AnalysisPlugin {
    @Override
    public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
        return Map.of(
                "uax_url_email",
                (index, environment, name, settings) ->
                        TokenizerFactory.newFactory(name, UAX29URLEmailTokenizer::new));
    }

    @Override
    public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
        return Map.of(
                "unique",
                (index, environment, name, settings) ->
                        new AbstractTokenFilterFactory(name, settings) {
                            @Override
                            public TokenStream create(TokenStream stream) {
                                return new RemoveDuplicatesTokenFilter(stream);
                            }
                        },
                "pattern_capture",
                AnalysisPlugin.requiresAnalysisSettings(
                        (index, environment, name, settings) -> {
                            var keep = settings.getAsBoolean("preserve_original", true);
                            var patterns = settings.getAsList("patterns").stream().map(Pattern::compile);
                            var compiled = patterns.toArray(Pattern[]::new);
                            return new AbstractTokenFilterFactory(name, settings) {
                                @Override
                                public TokenStream create(TokenStream stream) {
                                    return new PatternCaptureGroupTokenFilter(stream, keep, compiled);
                                }
                            };
                        }));
    }
}
