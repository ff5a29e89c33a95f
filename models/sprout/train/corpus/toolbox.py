"""Tools that programs commonly offer. Each has names, descriptions, parameters and requests.
A request is a sentence that states every required parameter; `extras` are the endings that state an optional one."""
from . import numbers, pools, values
from .fields import currency, date, email, enum, integer, number, strings, text


class Param:
    def __init__(self, keys, make, note, optional=False):
        self.keys, self.make, self.note, self.optional = keys.split("|"), make, note, optional


class Tool:
    def __init__(self, family, names, notes, params, requests, extras=None):
        self.family, self.names, self.notes = family, names.split("|"), notes.split("|")
        self.params, self.requests, self.extras = params, requests.split("|"), extras or {}


def small(low, high):
    return integer(lambda s: numbers.count(s, low, high))


def plain_amount(s):
    return numbers.amount(s)


def as_said(s):
    """A short message body or query, copied word for word."""
    kind = s.random()
    if kind < 0.3:
        return values.phrase(s, 1, 6)
    if kind < 0.45:
        return "%s %s" % (s.any(pools.ADJECTIVES), s.any(pools.NOUNS))
    if kind < 0.6:
        return s.any(pools.TOPICS)
    if kind < 0.8:
        return "%s %s" % (values.plain_word(s), s.any(pools.NOUNS))
    return "%s in %s" % (s.any(pools.TOPICS), values.city(s))


def remark(s):
    if s.chance(0.4):
        return values.phrase(s)
    return s.any(("I will be late", "See you at {c}", "The {n} is ready", "Thank you for the {n}", "Please call {p}", "The {a} {n} has arrived",
                  "Lunch is at {h}", "We moved the meeting to {h}", "Can you bring the {n}", "{p} has the keys", "Do not forget the {n}",
                  "The code is {k}", "{c} is confirmed", "Happy birthday {p}")).format(
        c=values.city(s), n=s.any(pools.NOUNS), a=s.any(pools.ADJECTIVES), p=values.first_name(s), h=numbers.clock(s), k=values.code(s))


CUISINES = pools.phrases("Italian, Thai, Mexican, Indian, Japanese, Greek, vegan, French, Korean, Turkish, seafood")
CITY = "city|location|city_name|place|town"
TOOLS = (
    Tool("weather", "get_weather|getWeather|weather|current_weather|get_current_weather", "Get the current weather for a city|Returns the weather in a place|Get weather|Look up the current weather",
         dict(city=Param(CITY, text(values.city), "City name"), unit=Param("unit|units|temperature_unit", enum("celsius", "fahrenheit", "kelvin"), "Temperature unit", True)),
         "What's the weather in {city}?|What is the weather like in {city}?|How is the weather in {city} right now?|Tell me the weather in {city}.|Is it raining in {city}?|Weather in {city} please|Do I need an umbrella in {city}?|How warm is it in {city}?|What's the weather like in {city} today?",
         dict(unit="Use {unit}.|In {unit}, please.|Give it in {unit}.")),
    Tool("forecast", "get_forecast|weather_forecast|forecast", "Weather forecast for the next days|Get the forecast for several days",
         dict(city=Param(CITY, text(values.city), "City name"), days=Param("days|num_days|day_count", small(2, 14), "How many days")),
         "What is the forecast for {city} for the next {days} days?|Give me a {days}-day forecast for {city}.|Show the forecast of the next {days} days in {city}.|Forecast for {city}, {days} days"),
    Tool("flight", "book_flight|bookFlight|reserve_flight|flight_booking", "Book a flight between two cities|Books a plane ticket|Book a flight",
         {"from": Param("from|origin|from_city|departure", text(values.city), "Departure city"), "to": Param("to|destination|to_city|arrival", text(values.city), "Arrival city"),
          "date": Param("date|departure_date|day", date, "Day of travel"), "passengers": Param("passengers|seats|travellers", small(1, 9), "Number of passengers", True),
          "cabin": Param("cabin|class|cabin_class", enum("economy", "premium", "business", "first"), "Cabin class", True)},
         "Book a flight from {from} to {to} on {date}.|I need to fly from {from} to {to} on {date}.|Please book me a flight to {to} from {from} on {date}.|Get me a plane ticket from {from} to {to} for {date}.|Fly me to {to} on {date}, leaving from {from}.",
         dict(passengers="For {passengers} passengers.|We are {passengers} passengers.", cabin="In {cabin} class.|I want {cabin} class.")),
    Tool("flights", "search_flights|find_flights|list_flights", "Search for flights without booking|List the flights between two cities",
         {"from": Param("from|origin|from_city", text(values.city), "Departure city"), "to": Param("to|destination|to_city", text(values.city), "Arrival city")},
         "Which flights go from {from} to {to}?|Search for flights from {from} to {to}.|Show me flights to {to} from {from}.|Are there any flights between {from} and {to}?"),
    Tool("hotel", "book_hotel|reserve_hotel|bookHotel", "Book a hotel room|Reserve a room in a hotel",
         dict(city=Param(CITY, text(values.city), "City name"), nights=Param("nights|num_nights|duration", small(1, 21), "Number of nights"),
              date=Param("check_in|date|checkin_date", date, "First night", True)),
         "Book a hotel in {city} for {nights} nights.|I need a hotel room in {city} for {nights} nights.|Reserve {nights} nights at a hotel in {city}.",
         dict(date="Check-in is on {date}.|We arrive on {date}.")),
    Tool("search", "search|web_search|search_web|google|internet_search", "Search the web|Search the internet for a query|Find web pages",
         dict(query=Param("query|q|search_query|text", text(as_said), "Search query"), limit=Param("limit|max_results|count", small(1, 50), "Number of results", True)),
         "Search for {query}.|Search the web for {query}.|Look up {query} online.|Find pages about {query}.|Google {query}|Please search for {query}|Can you search for {query}?",
         dict(limit="Show {limit} results.|Limit it to {limit} results.")),
    Tool("email", "send_email|sendEmail|email|send_mail", "Send an e-mail|Send an email message to someone|Sends an email",
         dict(to=Param("to|recipient|address|email", email, "E-mail address of the recipient"), subject=Param("subject|title|subject_line", text(values.title), "Subject line"),
              body=Param("body|message|content|text", text(remark), "Text of the message")),
         "Send an email to {to} with the subject \"{subject}\" and the body \"{body}\".|Email {to}. Subject: {subject}. Body: {body}|Write an e-mail to {to} with subject '{subject}' saying '{body}'.|Send {to} an email titled \"{subject}\" that says \"{body}\"."),
    Tool("message", "send_message|sendMessage|text_message|send_sms", "Send a text message to a person|Send a short message",
         dict(to=Param("to|recipient|contact|name", text(values.person), "Who gets the message"), body=Param("text|message|body|content", text(remark), "The message")),
         "Send a message to {to} saying \"{body}\".|Text {to}: {body}|Tell {to} \"{body}\".|Message {to} that says '{body}'."),
    Tool("event", "create_event|createEvent|add_event|add_calendar_event", "Create a calendar event|Add an event to the calendar",
         dict(title=Param("title|name|event_name|summary", text(values.event), "Title of the event"), date=Param("date|day|event_date", date, "Day of the event"),
              time=Param("time|start_time|at", text(numbers.clock), "Start time", True), attendees=Param("attendees|guests|participants", strings(values.person, 1, 3), "Who is invited", True)),
         "Create an event called {title} on {date}.|Add {title} to my calendar on {date}.|Put {title} in the calendar for {date}.|Schedule {title} on {date}.",
         dict(time="It starts at {time}.|Start at {time}.", attendees="Invite {attendees}.|The guests are {attendees}.")),
    Tool("convert", "convert_currency|currency_convert|exchange|convertCurrency", "Convert an amount of money between currencies|Currency conversion",
         {"amount": Param("amount|value|sum", number(plain_amount), "Amount to convert"), "from": Param("from|from_currency|source|base", currency, "Currency code to convert from"),
          "to": Param("to|to_currency|target|quote", currency, "Currency code to convert to")},
         "Convert {amount} {from} to {to}.|How much is {amount} {from} in {to}?|What is {amount} {from} in {to}?|Exchange {amount} {from} into {to}.|Change {amount} {from} to {to} please"),
    Tool("timer", "set_timer|setTimer|start_timer|timer", "Set a timer|Start a countdown timer",
         dict(minutes=Param("minutes|duration_minutes|duration", small(1, 120), "Length in minutes"), label=Param("label|name|title", text(values.product), "Name of the timer", True)),
         "Set a timer for {minutes} minutes.|Start a {minutes}-minute timer.|Timer for {minutes} minutes please|Wake me in {minutes} minutes.|Count down {minutes} minutes.",
         dict(label="Call it {label}.|Name it {label}.")),
    Tool("alarm", "set_alarm|create_alarm|setAlarm", "Set an alarm at a time of day", dict(time=Param("time|at|alarm_time", text(numbers.clock), "Time of day")),
         "Set an alarm for {time}.|Wake me up at {time}.|I need an alarm at {time}.|Alarm at {time} please"),
    Tool("reminder", "create_reminder|set_reminder|add_reminder|remind_me", "Create a reminder", dict(
        text=Param("text|task|what|note", text(lambda s: s.any(("call", "email", "meet", "pay", "visit", "thank")) + " " + values.person(s)), "What to remember"),
        date=Param("date|day|due_date", date, "When to remind")),
         "Remind me to {text} on {date}.|Set a reminder on {date} to {text}.|On {date}, remind me to {text}."),
    Tool("translate", "translate|translate_text|translateText", "Translate a text into another language", dict(
        text=Param("text|input|sentence|content", text(remark), "Text to translate"), language=Param("language|target_language|to|target", text(lambda s: s.any(pools.LANGUAGES) if s.chance(0.7) else values.word(s)), "Target language")),
         "Translate \"{text}\" to {language}.|How do you say \"{text}\" in {language}?|Translate '{text}' into {language}.|Put \"{text}\" into {language}."),
    Tool("calculate", "calculate|calculator|evaluate|math", "Evaluate an arithmetic expression|Calculator", dict(
        expression=Param("expression|expr|formula|input", text(lambda s: s.any(("{} + {}", "{} * {}", "{} - {}", "{} / {}", "({} + {}) * {}", "{} * {} + {}")).format(s.int(1, 999), s.int(1, 999), s.int(1, 99))), "Arithmetic expression")),
         "What is {expression}?|Calculate {expression}.|Compute {expression}|Work out {expression} for me.|How much is {expression}?"),
    Tool("stock", "get_stock_price|stock_price|getStockPrice|quote", "Get the price of a stock|Current share price by ticker symbol", dict(
        symbol=Param("symbol|ticker|stock", text(lambda s: s.own(lambda: values.letters(s, values.UPPER, 2, 5))), "Ticker symbol")),
         "What is the stock price of {symbol}?|How is {symbol} trading?|Get the share price of {symbol}.|Price of {symbol} stock?"),
    Tool("time", "get_time|current_time|getTime|world_clock", "Get the current time in a city|What time it is somewhere", dict(city=Param(CITY, text(values.city), "City name")),
         "What time is it in {city}?|Current time in {city}?|Tell me the time in {city}.|What's the local time in {city}?"),
    Tool("music", "play_music|play_song|playMusic|play", "Play a song|Play music by an artist", dict(
        song=Param("song|title|track", text(values.title), "Song title"), artist=Param("artist|by|singer", text(values.person), "Artist", True), volume=Param("volume|level", small(1, 100), "Volume in percent", True)),
         "Play {song}.|Play the song {song}.|I want to hear {song}.|Put on {song}.", dict(artist="It is by {artist}.|The artist is {artist}.", volume="Set the volume to {volume}.|Volume {volume}.")),
    Tool("lights", "set_lights|control_lights|setLights|set_light", "Control the lights of a room|Set colour and brightness of lights", dict(
        room=Param("room|area|zone", text(lambda s: s.any(("kitchen", "bedroom", "living room", "hallway", "bathroom", "office", "garage", "attic")) if s.chance(0.6) else values.term(s)), "Room"),
        brightness=Param("brightness|level|percent", small(1, 100), "Brightness in percent"), color=Param("color|colour", text(values.colour), "Colour", True)),
         "Set the {room} lights to {brightness} percent.|Dim the lights in the {room} to {brightness}%.|Lights in the {room} at {brightness} percent please", dict(color="Make them {color}.|The colour should be {color}.")),
    Tool("thermostat", "set_thermostat|set_temperature|setTemperature", "Set the temperature of the heating", dict(
        degrees=Param("temperature|degrees|value", number(lambda s: numbers.decimal(s, 1) if s.chance(0.3) else (lambda n: (str(n), n))(s.int(10, 32))), "Degrees")),
         "Set the thermostat to {degrees} degrees.|Heat the house to {degrees} degrees.|I want it to be {degrees} degrees in here.|Set the heating to {degrees}."),
    Tool("order", "place_order|create_order|order_products|placeOrder", "Order products from the shop|Place an order", dict(
        product=Param("product|item|product_name", text(values.product), "Product to order"), quantity=Param("quantity|amount|count|qty", small(2, 99), "How many"),
        express=Param("express|fast|express_shipping", lambda s: ("", True, {"type": "boolean"}), "Express shipping", True)),
         "Order {quantity} x {product}.|I would like to buy {quantity} of the {product}.|Please order {quantity} units of {product}.|Buy {quantity} x {product} for me.",
         dict(express="Use express shipping.|Ship it express.|Send it by express.")),
    Tool("track", "track_package|track_shipment|trackOrder|track_order", "Track a package by its code|Where a shipment is", dict(
        code=Param("tracking_number|code|package_id|id", text(values.code), "Tracking code")), "Where is my package {code}?|Track {code}.|What is the status of shipment {code}?|Find the parcel with the code {code}."),
    Tool("restaurant", "find_restaurants|search_restaurants|findRestaurants", "Find restaurants in a city|Search for places to eat", dict(
        city=Param(CITY, text(values.city), "City name"), cuisine=Param("cuisine|food|type|kitchen", text(lambda s: s.any(CUISINES) if s.chance(0.6) else values.word(s)), "Kind of food")),
         "Find {cuisine} restaurants in {city}.|Where can I eat {cuisine} food in {city}?|I want {cuisine} food in {city}.|Show me {cuisine} places in {city}."),
    Tool("table", "reserve_table|book_table|bookTable|make_reservation", "Reserve a table in a restaurant", dict(
        restaurant=Param("restaurant|name|place", text(values.company), "Restaurant"), people=Param("people|guests|party_size", small(1, 20), "Number of people"), time=Param("time|at|hour", text(numbers.clock), "Time")),
         "Book a table for {people} at {restaurant} at {time}.|Reserve a table at {restaurant} for {people} people at {time}.|Get us a table at {restaurant}, {people} people, {time}."),
    Tool("contact", "add_contact|create_contact|save_contact|addContact", "Save a contact in the address book", dict(
        name=Param("name|full_name|contact_name", text(values.person), "Full name"), phone=Param("phone|phone_number|number", text(values.phone), "Phone number"), email=Param("email|email_address|mail", email, "E-mail address", True)),
         "Add {name} with the number {phone} to my contacts.|Save {name}, phone {phone}.|New contact: {name}, {phone}.", dict(email="The email is {email}.|Email {email}.")),
    Tool("file", "read_file|open_file|readFile|get_file", "Read a file from disk|Returns the content of a file", dict(
        path=Param("path|file|filename|file_path", text(lambda s: values.plain_word(s) + s.any(("/", "_", "-", "/src/")) + s.any(pools.NOUNS) + s.any((".txt", ".md", ".csv", ".json", ".ts", ".py"))), "Path of the file")),
         "Open the file {path}.|Read {path}.|What is in {path}?|Show me the content of {path}.|Please read the file {path}"),
    Tool("sql", "count_rows|table_size|row_count", "Count the rows of a database table", dict(table=Param("table|table_name|name", text(lambda s: values.plain_word(s) + "_" + s.any(pools.NOUNS)), "Table")),
         "How many rows does the table {table} have?|Count the rows of {table}.|How big is the table {table}?"),
    Tool("distance", "get_distance|distance|route_length|getDistance", "Distance between two places|How far two cities are apart", {
        "from": Param("from|start|origin|a", text(values.city), "First place"), "to": Param("to|end|destination|b", text(values.city), "Second place"),
        "mode": Param("mode|by|transport", enum("car", "train", "bike", "foot", "bus"), "Means of transport", True)},
         "How far is it from {from} to {to}?|What is the distance from {from} to {to}?|Distance between {from} and {to}?", dict(mode="I go by {mode}.|By {mode}.")),
    Tool("news", "get_news|latest_news|getNews|headlines", "Latest news about a topic|Read the headlines", dict(topic=Param("topic|subject|about|query", text(lambda s: values.topic(s) if s.chance(0.6) else values.company(s)), "Topic")),
         "What is the news about {topic}?|Show me the latest news on {topic}.|Any headlines about {topic}?|News about {topic} please"),
    Tool("user", "get_user|find_user|getUser|lookup_user", "Look up a user by id|Get a user account", dict(id=Param("id|user_id|userId|account", integer(lambda s: (lambda n: (str(n), n))(s.int(1, 999999))), "Numeric id of the user")),
         "Show me the user {id}.|Get the user with the id {id}.|Who is user {id}?|Look up user {id}."),
    Tool("note", "create_note|add_note|save_note|takeNote", "Save a note", dict(title=Param("title|heading|name", text(values.title), "Heading"), text=Param("text|content|body", text(remark), "Text of the note")),
         "Make a note titled \"{title}\" with the text \"{text}\".|Save a note called \"{title}\": {text}|Note \"{title}\": \"{text}\""),
    Tool("pay", "transfer_money|send_money|make_payment|pay", "Send money to a person|Transfer money", dict(
        to=Param("to|recipient|payee|name", text(values.person), "Who receives the money"), amount=Param("amount|sum|value", number(plain_amount), "Amount"), currency=Param("currency|currency_code", currency, "Currency code")),
         "Send {amount} {currency} to {to}.|Transfer {amount} {currency} to {to}.|Pay {to} {amount} {currency}.|I owe {to} {amount} {currency}, please pay."),
    Tool("random", "random_number|roll|randomInt", "Random integer between two bounds", dict(min=Param("min|low|from", integer(lambda s: (lambda n: (str(n), n))(s.int(0, 50))), "Lower bound"), max=Param("max|high|to", integer(lambda s: (lambda n: (str(n), n))(s.int(51, 9999))), "Upper bound")),
         "Give me a random number between {min} and {max}.|Pick a number from {min} to {max}.|Random number from {min} to {max} please"),
    Tool("todo", "add_todo|add_task|create_task|addTodo", "Add a task to the to-do list", dict(task=Param("task|title|text|item", text(lambda s: s.any(("buy", "clean", "repair", "return", "paint", "sell")) + " the " + values.product(s)), "Task"),
        priority=Param("priority|importance", enum("low", "medium", "high"), "Priority", True)),
         "Add \"{task}\" to my to-do list.|Put {task} on the to-do list.|New task: {task}.", dict(priority="The priority is {priority}.|It has {priority} priority.")),
    Tool("clear", "list_orders|get_orders|listOrders|show_orders", "List all orders of the signed-in user", {}, "Show my orders.|List all my orders.|What did I order?|Which orders do I have?"),
    Tool("location", "get_location|where_am_i|getLocation", "Get the position of the user", {}, "Where am I?|What is my current location?|Find my position.|Which place am I at right now?"),
    Tool("logout", "log_out|sign_out|logout|end_session", "End the session of the user", {}, "Log me out.|Sign out please|End my session.|I want to log out."),
)
