// Sends the answer on to the app at once (Form Post Response Mode). Without it the person presses the button.
document.getElementById("form-post").submit();
